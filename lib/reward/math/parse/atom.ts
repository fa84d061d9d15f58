// What an expression begins with: numbers, letters, constants, groups, tuples, sets, bars.

import { Unreadable } from '../budget.js'
import { dictionary } from '../dictionary.js'
import type { Rational } from '../rational.js'
import type { Node, NodeOf } from '../tree.js'
import { acceptSeparators, parseList, parseRelation } from './answer.js'
import { callAfter, isCalled, parseNamed } from './call.js'
import type { Cursor } from './cursor.js'
import { number, parseFactor } from './expression.js'

const openings = dictionary<readonly string[]>({
  '(': [')', ']'],
  '[': [']', ')'],
  '⟨': ['⟩'],
})
const atomSigns = new Set(['(', '[', '⟨', '\\{', '{', '|(', '⌊', '⌈', '∅'])

/** Could the next token begin a factor? */
export function startsAtom(cursor: Cursor): boolean {
  const { type, text } = cursor.token
  if (type === 'number' || type === 'letter') return true
  if (type === 'name') return !/^(?:end:|choose|over|(?:p|b)?mod$)/.test(text)
  if (type === 'text') return !/^(?:and|or|,|and,|or,|, and|, or)$/i.test(text.trim())
  if (type !== 'sign') return false
  return text === '|' ? cursor.numBars === 0 : atomSigns.has(text)
}

export function parseAtom(cursor: Cursor): Node {
  const { token } = cursor
  switch (token.type) {
    case 'number':
      return parseNumber(cursor)
    case 'letter':
      return parseLetter(cursor)
    case 'name':
      return parseNamed(cursor)
    case 'text':
      return parseText(cursor)
    case 'unit':
      return prefixed(cursor)
    case 'sign':
      return parseBracket(cursor)
    default:
      throw cursor.unexpected()
  }
}

function parseNumber(cursor: Cursor): Node {
  const digits = cursor.advance().text
  if (cursor.is('_')) return inBase(cursor, digits)
  const isRepeating = cursor.token.type === 'name' && /^(?:overline|dot|bar)$/.test(cursor.token.text)
  if (isRepeating && digits.includes('.')) return repeating(cursor, digits)
  return number(digits)
}

const baseWords = dictionary<number>({
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
})

/** 204_5 */
export function inBase(cursor: Cursor, digits: string): Node {
  cursor.advance()
  const isGroup = cursor.accept('{')
  if (cursor.token.type === 'text' && /^base$/i.test(cursor.token.text.trim())) cursor.advance()
  const { type, text } = cursor.advance()
  const base = type === 'number' ? Number(text) : baseWords[text.trim().toLowerCase()]
  if (isGroup) cursor.expect('}')
  if (base === undefined || !Number.isInteger(base) || base < 2 || base > 36)
    throw new Unreadable('a base is no number')
  if (digits.includes('.') || Array.from(digits).some((digit) => Number(digit) >= base)) {
    throw new Unreadable(`${digits.slice(0, 30)} has digits that base ${base} lacks`)
  }
  cursor.budget.chargeBits(digits.length * 6)
  let value = 0n
  for (const digit of digits) value = value * BigInt(base) + BigInt(digit)
  return { kind: 'number', value: { top: value, bottom: 1n } }
}

/** 0.1\overline{6}: x with k repeating digits r is x + r / (10^k - 1) at the place where they begin. */
function repeating(cursor: Cursor, digits: string): Node {
  cursor.advance()
  const isGroup = cursor.accept('{')
  const period = cursor.advance()
  if (isGroup) cursor.expect('}')
  if (period.type !== 'number' || period.text.includes('.')) throw cursor.unexpected('a period is no number')
  const numDecimals = digits.length - digits.indexOf('.') - 1
  const bottom = (10n ** BigInt(period.text.length) - 1n) * 10n ** BigInt(numDecimals)
  const value: Rational = { top: BigInt(period.text), bottom }
  const { numDecimals: _, ...whole } = number(digits) as Extract<Node, { kind: 'number' }>
  const rest: Node = {
    kind: 'quotient',
    top: { kind: 'number', value: { top: value.top, bottom: 1n } },
    bottom: { kind: 'number', value: { top: bottom, bottom: 1n } },
  }
  return { kind: 'sum', terms: [whole, rest] }
}

function parseLetter(cursor: Cursor): Node {
  let name = cursor.advance().text
  for (;;) {
    if (cursor.is("'")) name += cursor.advance().text
    else if (cursor.is('_')) name += subscript(cursor)
    else break
  }
  if (isCalled(cursor, name)) return callAfter(cursor, name)
  if (name === 'e' || name === 'i') return { kind: 'constant', name }
  return { kind: 'letter', name }
}

function subscript(cursor: Cursor): string {
  cursor.advance()
  return `_${flatGroup(cursor)}`
}

/** The text of a group or of one token, for names: a_{37}, \overline{AB}. */
export function flatGroup(cursor: Cursor): string {
  if (!cursor.accept('{')) return cursor.takeDigit().text
  let text = ''
  let depth = 1
  for (;;) {
    const token = cursor.advance()
    if (token.type === 'end') throw cursor.unexpected('a group is not closed')
    if (token.type === 'sign' && token.text === '{') depth++
    else if (token.type === 'sign' && token.text === '}' && --depth === 0) return text
    else text += token.text
  }
}

function parseText(cursor: Cursor): Node {
  const words = [cursor.advance().text]
  while (cursor.token.type === 'text') words.push(cursor.advance().text)
  return { kind: 'text', words: words.join(' ') }
}

/** $10 */
function prefixed(cursor: Cursor): Node {
  const unit = cursor.advance().text
  return { kind: 'unit', of: parseFactor(cursor), unit }
}

function parseBracket(cursor: Cursor): Node {
  const { text } = cursor.advance()
  const closings = openings[text]
  if (closings !== undefined) return cursor.enclose(() => bracketed(cursor, text, closings))
  if (text === '{') return cursor.enclose(() => group(cursor))
  if (text === '\\{') return cursor.enclose(() => set(cursor))
  if (text === '|' || text === '|(') return cursor.nest(() => bars(cursor, text === '|' ? '|' : ')|'))
  if (text === '⌊') return cursor.enclose(() => rounded(cursor, 'floor', '⌋'))
  if (text === '⌈') return cursor.enclose(() => rounded(cursor, 'ceil', '⌉'))
  if (text === '∅') return { kind: 'set', items: [] }
  throw new Unreadable(`it is not a formula that is understood at ${JSON.stringify(text)}`)
}

/** A group, a tuple or an interval; one thing in round brackets is that thing. */
function bracketed(cursor: Cursor, open: string, closings: readonly string[]): Node {
  const items: Node[] = []
  for (;;) {
    items.push(parseRelation(cursor))
    if (acceptSeparators(cursor) === undefined) break
  }
  const { text, type } = cursor.advance()
  if (type !== 'sign' || !closings.includes(text)) throw new Unreadable(`${open} is not closed`)
  const [only] = items
  if (items.length === 1 && only !== undefined && (open === '(' || only.kind === 'matrix' || open === '[')) return only
  return { kind: 'tuple', open, close: text, items }
}

/** LaTeX's own braces; with commas they hold a list. */
function group(cursor: Cursor): Node {
  const first = parseList(cursor)
  const node = cursor.isName('choose') || cursor.isName('over') ? stacked(cursor, first) : first
  cursor.expect('}')
  return node
}

/** {n \choose k} and {a \over b} */
function stacked(cursor: Cursor, top: Node): Node {
  const isChoice = cursor.advance().text === 'choose'
  const bottom = parseRelation(cursor)
  return isChoice ? { kind: 'call', name: 'binomial', args: [top, bottom] } : { kind: 'quotient', top, bottom }
}

/** A set by its items, or by the conditions after a bar or a colon. */
function set(cursor: Cursor): Node {
  if (cursor.accept('\\}')) return { kind: 'set', items: [] }
  cursor.numBars = 1
  const list = parseList(cursor)
  if (cursor.is('|') || cursor.is(':')) {
    cursor.advance()
    cursor.numBars = 0
    const conditions = parseList(cursor)
    cursor.expect('\\}')
    return conditions
  }
  cursor.expect('\\}')
  const conditions = list.kind === 'relation' ? afterColon(list) : undefined
  if (conditions !== undefined) return conditions
  return { kind: 'set', items: list.kind === 'list' ? list.items : [list] }
}

/** {x : x > 2} and {x ∈ ℝ : x > 2} read as chains with a ratio in them, whose right side is what is compared. */
function afterColon({ parts, signs }: NodeOf<'relation'>): Node | undefined {
  const index = parts.findIndex((part) => part.kind === 'ratio' && part.parts.length === 2)
  const ratio = parts[index]
  if (ratio?.kind !== 'ratio' || index === signs.length) return undefined
  return { kind: 'relation', parts: [ratio.parts[1] as Node, ...parts.slice(index + 1)], signs: signs.slice(index) }
}

function bars(cursor: Cursor, close: string): Node {
  const outer = cursor.numBars
  cursor.numBars = 1
  const of = parseRelation(cursor)
  cursor.numBars = outer
  cursor.expect(close)
  return { kind: 'call', name: of.kind === 'matrix' ? 'det' : 'abs', args: [of] }
}

function rounded(cursor: Cursor, name: string, close: string): Node {
  const of = parseRelation(cursor)
  cursor.expect(close)
  return { kind: 'call', name, args: [of] }
}
