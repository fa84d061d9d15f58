// Sums, products, powers and what follows a factor: factorials, per cent, degrees, units.
import { readDecimal } from '../rational.js'
import { showNode } from '../show-node.js'
import type { Node } from '../tree.js'
import { inBase, parseAtom, startsAtom } from './atom.js'
import type { Cursor } from './cursor.js'

export function parseSum(cursor: Cursor): Node {
  return cursor.nest(() => {
    const terms: Node[] = []
    let isFirst = true
    for (;;) {
      const sign = cursor.token.type === 'sign' ? cursor.token.text : ''
      if (sign === '±' || sign === '∓') {
        cursor.advance()
        cursor.wrap()
        const left = terms.length === 0 ? undefined : sumOf(terms.splice(0))
        terms.push({ kind: 'plus-minus', left, right: parseProduct(cursor), isMinusFirst: sign === '∓' })
      } else if (sign === '+' || sign === '-') {
        cursor.advance()
        const term = parseSigned(cursor)
        terms.push(sign === '-' ? { kind: 'negative', of: term } : term)
      } else if (isFirst) terms.push(parseProduct(cursor))
      else return sumOf(terms)
      isFirst = false
    }
  })
}

/** A product that may have signs of its own before it, as in 2 - -3. */
function parseSigned(cursor: Cursor): Node {
  let isNegative = false
  while (cursor.is('-') || cursor.is('+')) if (cursor.advance().text === '-') isNegative = !isNegative
  const term = parseProduct(cursor)
  return isNegative ? { kind: 'negative', of: term } : term
}

export function sumOf(terms: Node[]): Node {
  return terms.length === 1 ? (terms[0] as Node) : { kind: 'sum', terms }
}

function parseProduct(cursor: Cursor): Node {
  let node = parseFactor(cursor)
  for (;;) {
    if (cursor.accept('*')) node = multiply(node, parseSignedFactor(cursor))
    else if (cursor.accept('/')) node = divide(cursor, node)
    else if (startsAtom(cursor)) node = juxtapose(cursor, node)
    else return node
  }
}

function divide(cursor: Cursor, top: Node): Node {
  cursor.wrap()
  return { kind: 'quotient', top, bottom: parseSignedFactor(cursor) }
}

function parseSignedFactor(cursor: Cursor): Node {
  if (cursor.accept('-')) return { kind: 'negative', of: cursor.nest(() => parseSignedFactor(cursor)) }
  cursor.accept('+')
  return parseFactor(cursor)
}

function multiply(a: Node, b: Node): Node {
  if (a.kind === 'product') {
    a.factors.push(b)
    return a
  }
  return { kind: 'product', factors: [a, b] }
}

/** Two factors side by side; a whole number before a proper fraction is a mixed number. */
function juxtapose(cursor: Cursor, left: Node): Node {
  const last = left.kind === 'product' ? (left.factors.at(-1) as Node) : left
  const isNumber = cursor.token.type === 'number'
  if (isNumber && last.kind === 'number') return mixedInLine(cursor, left)
  if (left.kind === 'text' && cursor.token.type !== 'text') throw cursor.unexpected('words stand before a formula')
  const right = parseFactor(cursor)
  if (isWholeNumber(left) && isProperFraction(right)) return { kind: 'sum', terms: [left, right] }
  if (isWholeNumber(left) && right.kind === 'unit' && isProperFraction(right.of)) {
    return { ...right, of: { kind: 'sum', terms: [left, right.of] } }
  }
  if (isNumber && right.kind === 'number' && last.kind !== 'letter' && !isClosed(last)) {
    throw cursor.unexpected('a number follows without a sign between')
  }
  return multiply(left, right)
}

/** May a number follow without a sign, as in (2)3 and \sqrt{2}3? Only after what is closed by itself. */
function isClosed({ kind }: Node): boolean {
  return kind !== 'number' && kind !== 'unit'
}

/** 3 1/2 */
function mixedInLine(cursor: Cursor, left: Node): Node {
  const [top, slash, bottom] = [cursor.token, cursor.peek(1), cursor.peek(2)]
  const isMixed = slash.text === '/' && bottom.type === 'number' && isWholeNumber(left) && top.isSpaced
  if (!isMixed) throw cursor.unexpected('two numbers stand side by side')
  cursor.advance()
  cursor.advance()
  cursor.advance()
  const fraction: Node = { kind: 'quotient', top: number(top.text), bottom: number(bottom.text) }
  if (!isProperFraction(fraction)) throw cursor.unexpected('two numbers stand side by side')
  return { kind: 'sum', terms: [left, fraction] }
}

function isWholeNumber(node: Node): boolean {
  return node.kind === 'number' && node.numDecimals === undefined
}

function isProperFraction(node: Node): boolean {
  if (node.kind !== 'quotient' || node.top.kind !== 'number' || node.bottom.kind !== 'number') return false
  const [top, bottom] = [node.top.value, node.bottom.value]
  return top.bottom === 1n && bottom.bottom === 1n && top.top > 0n && top.top < bottom.top
}

export function number(digits: string): Node {
  const point = digits.indexOf('.')
  const value = readDecimal(digits)
  return point === -1 ? { kind: 'number', value } : { kind: 'number', value, numDecimals: digits.length - point - 1 }
}

/** An atom with its powers, factorials and units. */
export function parseFactor(cursor: Cursor): Node {
  return cursor.nest(() => parseSuffixes(cursor, parseAtom(cursor)))
}

function parseSuffixes(cursor: Cursor, atom: Node): Node {
  let node = atom
  for (;;) {
    const { type, text } = cursor.token
    if (node !== atom) cursor.wrap()
    if (type === 'unit') node = withUnit(cursor, node, cursor.advance().text)
    else if (type === 'text' && node.kind !== 'text' && isUnitText(text))
      node = withUnit(cursor, node, cursor.advance().text)
    else if (type === 'name' && /^(?:p|b)?mod$/.test(text)) node = modulus(cursor, node)
    else if (type !== 'sign') return node
    else if (text === '^') node = raised(cursor, node)
    else if (text === '_' && isWholeNumber(node)) node = inBase(cursor, showNode(node))
    else if (text === '!') {
      cursor.advance()
      node = { kind: 'call', name: 'factorial', args: [node] }
    } else if (text === '%' || text === '°') {
      cursor.advance()
      node = { kind: 'unit', of: node, unit: text === '°' ? degreeUnit(cursor) : text }
    } else return node
  }
}

/** Words after a number are its unit unless they join it to another. */
function isUnitText(text: string): boolean {
  return !/^(?:and|or|,|and,|or,|, and|, or)$/i.test(text.trim())
}

function degreeUnit(cursor: Cursor): string {
  const { type, text } = cursor.token
  if (type !== 'letter' || (text !== 'C' && text !== 'F')) return '°'
  cursor.advance()
  return `°${text}`
}

function withUnit(cursor: Cursor, of: Node, first: string): Node {
  let unit = first
  for (;;) {
    const { type, text } = cursor.token
    if (type === 'text' && isUnitText(text)) unit += ` ${cursor.advance().text}`
    else if (type === 'unit') unit += ` ${cursor.advance().text}`
    else if (text === '/' && (cursor.peek().type === 'unit' || cursor.peek().type === 'text')) {
      cursor.advance()
      unit += `/${cursor.advance().text}`
    } else if (text === '^' && type === 'sign') unit += unitPower(cursor)
    else return { kind: 'unit', of, unit }
  }
}

function unitPower(cursor: Cursor): string {
  cursor.advance()
  const isGroup = cursor.accept('{')
  const { type, text } = cursor.advance()
  if (type !== 'number') throw cursor.unexpected('a unit has a power that is no number')
  if (isGroup) cursor.expect('}')
  return `^${text}`
}

/** 3 \pmod{7}: the modulus is kept as a unit, which may be left out but not be another. */
function modulus(cursor: Cursor, of: Node): Node {
  cursor.advance()
  const node = parseFactor(cursor)
  if (node.kind !== 'number') throw cursor.unexpected('a modulus is no number')
  return { kind: 'unit', of, unit: `mod ${node.value.top}` }
}

function raised(cursor: Cursor, base: Node): Node {
  cursor.advance()
  if (cursor.is('°')) {
    cursor.advance()
    return { kind: 'unit', of: base, unit: degreeUnit(cursor) }
  }
  if (cursor.is('{') && cursor.peek().text === '°' && cursor.peek(2).text === '}') {
    for (let i = 0; i < 3; i++) cursor.advance()
    return { kind: 'unit', of: base, unit: degreeUnit(cursor) }
  }
  const exponent = cursor.nest(() => parseExponent(cursor))
  if (exponent.kind === 'text' && /^(?:st|nd|rd|th)$/.test(exponent.words)) return base
  if (base.kind === 'unit' && base.unit !== '%' && base.unit !== '°' && exponent.kind === 'number') {
    return { ...base, unit: `${base.unit}^${exponent.value.top}` }
  }
  return { kind: 'power', base, exponent }
}

/** A group, or one signed atom; 2^3^2 is 2^(3^2). */
function parseExponent(cursor: Cursor): Node {
  if (cursor.accept('-')) return { kind: 'negative', of: cursor.nest(() => parseExponent(cursor)) }
  cursor.accept('+')
  if (cursor.accept("'")) return { kind: 'letter', name: "'" }
  const atom = parseAtom(cursor)
  return cursor.is('^') ? raised(cursor, atom) : atom
}
