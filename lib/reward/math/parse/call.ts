// What begins with a name: functions, fractions, roots, binomials, sums and products, matrices.
import { Unreadable } from '../budget.js'
import { functionNames } from '../lex/commands.js'
import type { Node } from '../tree.js'
import { parseList, parseRelation } from './answer.js'
import { flatGroup, parseAtom, startsAtom } from './atom.js'
import type { Cursor } from './cursor.js'
import { number, parseFactor, parseSum } from './expression.js'

/** Different spellings of one function. */
const aliases: Readonly<Record<string, string>> = {
  arcsin: 'asin',
  arccos: 'acos',
  arctan: 'atan',
  arctg: 'atan',
  arccot: 'acot',
  arcsec: 'asec',
  arccsc: 'acsc',
  arsinh: 'asinh',
  arcosh: 'acosh',
  artanh: 'atanh',
  tg: 'tan',
  ctg: 'cot',
  ln: 'log',
  sgn: 'sign',
}

const functionLetters = /^[fgh](?:_\w+|')*$/

/** Is a letter before a bracket a function's name? f is; others are where an equals sign follows, as in W(n) = 1. */
export function isCalled(cursor: Cursor, name: string): boolean {
  if (!cursor.is('(')) return false
  if (functionLetters.test(name)) return true
  let i = 1
  while (cursor.peek(i).type === 'letter' || cursor.peek(i).type === 'number' || cursor.peek(i).text === ',') i++
  return i > 1 && cursor.peek(i).text === ')' && cursor.peek(i + 1).text === '=' && !cursor.token.isSpaced
}

export function callAfter(cursor: Cursor, name: string): Node {
  return { kind: 'call', name: `${name}()`, args: argumentsOf(cursor) }
}

function argumentsOf(cursor: Cursor): Node[] {
  cursor.expect('(')
  return cursor.enclose(() => {
    const list = parseList(cursor)
    cursor.expect(')')
    return list.kind === 'list' ? list.items : [list]
  })
}

export function parseNamed(cursor: Cursor): Node {
  const { text } = cursor.advance()
  if (functionNames.has(text)) return cursor.nest(() => parseFunction(cursor, aliases[text] ?? text))
  if (text.startsWith('begin:')) return cursor.enclose(() => parseMatrix(cursor, text.slice(6)))
  switch (text) {
    case 'pi':
      return { kind: 'constant', name: 'pi' }
    case 'infty':
      return { kind: 'constant', name: 'infinity' }
    case 'frac':
    case 'dfrac':
    case 'tfrac':
    case 'cfrac':
    case 'sfrac':
    case 'nicefrac':
      return cursor.nest(() => ({ kind: 'quotient', top: argument(cursor), bottom: argument(cursor) }))
    case 'binom':
    case 'dbinom':
    case 'tbinom':
      return cursor.nest(() => binomial(cursor))
    case 'sqrt':
      return cursor.nest(() => parseRoot(cursor))
    case 'cbrt':
      return cursor.nest(() => ({ kind: 'root', degree: 3, of: parseFactor(cursor) }))
    case 'sum':
    case 'prod':
      return cursor.nest(() => parseSeries(cursor, text === 'sum'))
    case 'phantom':
      throw new Unreadable('\\phantom hides what it says')
    default:
      return { kind: 'letter', name: `${text} ${flatGroup(cursor)}` }
  }
}

/** A group or one token, as LaTeX takes them: \frac12 has two. */
function argument(cursor: Cursor): Node {
  if (cursor.token.type === 'number') return number(cursor.takeDigit().text)
  if (!startsAtom(cursor)) throw cursor.unexpected('an argument is missing')
  return parseAtom(cursor)
}

function binomial(cursor: Cursor): Node {
  if (cursor.is('(')) return { kind: 'call', name: 'binomial', args: argumentsOf(cursor) }
  return { kind: 'call', name: 'binomial', args: [argument(cursor), argument(cursor)] }
}

function parseRoot(cursor: Cursor): Node {
  const degree = cursor.accept('[') ? parseSum(cursor) : undefined
  if (degree !== undefined) cursor.expect(']')
  const of = cursor.is('{') || cursor.is('(') ? parseAtom(cursor) : bareRadicand(cursor)
  if (degree === undefined) return { kind: 'root', degree: 2, of }
  if (degree.kind === 'number' && degree.value.bottom === 1n && degree.value.top > 1n && degree.value.top < 1000n) {
    return { kind: 'root', degree: Number(degree.value.top), of }
  }
  return { kind: 'power', base: of, exponent: { kind: 'quotient', top: number('1'), bottom: degree } }
}

function bareRadicand(cursor: Cursor): Node {
  if (!startsAtom(cursor)) throw cursor.unexpected('a root of nothing')
  return parseAtom(cursor)
}

function parseFunction(cursor: Cursor, name: string): Node {
  let exponent: Node | undefined
  let base: Node | undefined
  for (;;) {
    if (cursor.accept('^'))
      exponent = cursor.accept('-') ? { kind: 'negative', of: parseAtom(cursor) } : parseAtom(cursor)
    else if (cursor.accept('_')) base = argument(cursor)
    else break
  }
  const isInverse =
    exponent !== undefined && isMinusOne(exponent) && /^(?:sin|cos|tan|cot|sec|csc|sinh|cosh|tanh)$/.test(name)
  const args = cursor.is('(') ? argumentsOf(cursor) : [bareArgument(cursor)]
  const call: Node = {
    kind: 'call',
    name: isInverse ? `a${name}` : name,
    args: base === undefined ? args : [...args, base],
  }
  return exponent === undefined || isInverse ? call : { kind: 'power', base: call, exponent }
}

function isMinusOne(node: Node): boolean {
  return (
    node.kind === 'negative' && node.of.kind === 'number' && node.of.value.top === 1n && node.of.value.bottom === 1n
  )
}

/** Without brackets a function takes the factors that follow, up to the next function: \sin 2x \cos y. */
function bareArgument(cursor: Cursor): Node {
  if (cursor.accept('-')) return { kind: 'negative', of: bareArgument(cursor) }
  const factors: Node[] = []
  do factors.push(parseFactor(cursor))
  while (startsAtom(cursor) && cursor.token.type !== 'text' && !isFunction(cursor) && !cursor.is('('))
  return factors.length === 1 ? (factors[0] as Node) : { kind: 'product', factors }
}

function isFunction({ token }: Cursor): boolean {
  return token.type === 'name' && functionNames.has(token.text)
}

/** \sum_{k=1}^{n} of the product that follows. */
function parseSeries(cursor: Cursor, isSum: boolean): Node {
  let lower: Node | undefined
  let to: Node | undefined
  for (let i = 0; i < 2; i++) {
    if (cursor.accept('_')) lower = lowerBound(cursor)
    else if (cursor.accept('^')) to = cursor.accept('+') ? parseAtom(cursor) : parseAtom(cursor)
  }
  const [index, from] = lower?.kind === 'relation' && lower.signs.join() === '=' ? lower.parts : []
  const name = index?.kind === 'letter' || index?.kind === 'constant' ? index.name : undefined
  if (name === undefined || from === undefined || to === undefined) throw new Unreadable('a sum has no bounds')
  return { kind: 'series', isSum, index: name, from, to, body: seriesBody(cursor) }
}

function lowerBound(cursor: Cursor): Node {
  cursor.expect('{')
  return cursor.enclose(() => {
    const relation = parseRelation(cursor)
    cursor.expect('}')
    return relation
  })
}

function seriesBody(cursor: Cursor): Node {
  let node = parseFactor(cursor)
  for (;;) {
    cursor.wrap()
    if (cursor.accept('*')) node = { kind: 'product', factors: [node, parseFactor(cursor)] }
    else if (cursor.accept('/')) node = { kind: 'quotient', top: node, bottom: parseFactor(cursor) }
    else if (startsAtom(cursor)) node = { kind: 'product', factors: [node, parseFactor(cursor)] }
    else return node
  }
}

const matrices = new Set(['matrix', 'pmatrix', 'bmatrix', 'Bmatrix', 'vmatrix', 'Vmatrix', 'smallmatrix', 'array'])

function parseMatrix(cursor: Cursor, environment: string): Node {
  if (!matrices.has(environment))
    throw new Unreadable(`${environment.slice(0, 20)} is not an environment that is understood`)
  const rows: Node[][] = [[]]
  while (cursor.token.text !== `end:${environment}`) {
    rows.at(-1)?.push(parseRelation(cursor))
    if (cursor.accept('&')) continue
    if (!cursor.accept('\\\\')) break
    if (cursor.token.text !== `end:${environment}`) rows.push([])
  }
  if (cursor.advance().text !== `end:${environment}`) throw new Unreadable(`${environment} is not closed`)
  const numColumns = rows[0]?.length ?? 0
  if (numColumns === 0 || rows.some((row) => row.length !== numColumns))
    throw new Unreadable('the rows of a matrix differ')
  const matrix: Node = { kind: 'matrix', rows }
  return environment === 'vmatrix' ? { kind: 'call', name: 'det', args: [matrix] } : matrix
}
