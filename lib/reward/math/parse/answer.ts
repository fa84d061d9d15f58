// The outermost grammar: lists of relations between unions of ratios of sums.
import type { Token } from '../lex/token.js'
import type { Node } from '../tree.js'
import type { Cursor } from './cursor.js'
import { parseSum } from './expression.js'

const relationSigns = new Set(['=', '<', '>', '≤', '≥', '≠', '≈', '≡', '∈', '∉', '→', '⇒'])
const joiningWords = /^(?:and|or|,|and,|or,|, and|, or)$/i

export function parseAnswer(cursor: Cursor): Node {
  const node = parseList(cursor)
  if (cursor.token.type !== 'end') throw cursor.unexpected()
  return node
}

/** What commas, semicolons, "and" and "or" part; one item is itself. Groups by semicolon are tuples. */
export function parseList(cursor: Cursor): Node {
  const groups: Node[][] = [[]]
  const separators: string[] = []
  for (;;) {
    groups.at(-1)?.push(parseRelation(cursor))
    const separator = acceptSeparators(cursor)
    if (separator === undefined || isListEnd(cursor)) break
    separators.push(separator)
    if (separator === ';') groups.push([])
  }
  const isGrouped = groups.length > 1 && groups.every((group) => group.length > 1)
  if (isGrouped) {
    return { kind: 'list', items: groups.map((items) => ({ kind: 'tuple', open: '(', close: ')', items })) }
  }
  const items = groups.flat()
  if (items.length === 1) return items[0] as Node
  return { kind: 'list', items, isJoint: separators.every((separator) => separator === 'and') }
}

/** Several at once count as one, as in ", and". */
export function acceptSeparators(cursor: Cursor): string | undefined {
  let found: string | undefined
  while (isSeparator(cursor.token)) {
    const { text } = cursor.advance()
    if (found === undefined || found === ',' || text === ';') found = text.trim().toLowerCase()
  }
  return found
}

function isSeparator({ type, text }: Token): boolean {
  if (type === 'text') return joiningWords.test(text.trim())
  return type === 'sign' && (text === ',' || text === ';' || text === 'and' || text === 'or')
}

function isListEnd({ token }: Cursor): boolean {
  return token.type === 'end' || (token.type === 'sign' && /^(?:[)\]}]|\\\}|⟩|\)\|)$/.test(token.text))
}

export function parseRelation(cursor: Cursor): Node {
  const first = parseCombination(cursor)
  if (!isRelationSign(cursor)) return first
  const parts = [first]
  const signs: string[] = []
  while (isRelationSign(cursor)) {
    signs.push(cursor.advance().text)
    parts.push(parseCombination(cursor))
  }
  return { kind: 'relation', parts, signs }
}

function isRelationSign({ token }: Cursor): boolean {
  return token.type === 'sign' && relationSigns.has(token.text)
}

function parseCombination(cursor: Cursor): Node {
  let node = parseRatio(cursor)
  for (;;) {
    const sign = cursor.token.text
    if (cursor.token.type !== 'sign' || (sign !== '∪' && sign !== '∩' && sign !== '∖')) return node
    cursor.advance()
    cursor.wrap()
    const right = parseRatio(cursor)
    if (node.kind === 'combination' && node.sign === sign && sign !== '∖') node.parts.push(right)
    else node = { kind: 'combination', sign, parts: [node, right] }
  }
}

function parseRatio(cursor: Cursor): Node {
  const first = parseSum(cursor)
  if (!cursor.is(':')) return first
  const parts = [first]
  let spelling = ''
  while (cursor.accept(':')) {
    spelling += `:${cursor.token.text}`
    parts.push(parseSum(cursor))
  }
  return { kind: 'ratio', parts, spelling }
}
