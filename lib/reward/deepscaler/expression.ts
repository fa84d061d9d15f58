// Reads what SymPy's parse_expr would of a plain expression, with implicit multiplication as the published grader asks for
// it: letters side by side are factors, and so are a letter and a number in either order.
import { type Budget, Unreadable } from '../math/budget.js'
import { integer, raise, ratio, times } from '../math/rational.js'
import type { Node } from '../math/tree.js'

/** @throws Unreadable where SymPy would fail, OverBudget. */
export function readExpression(text: string, budget: Budget): Node {
  const reader = new Reader(tokensOf(text), budget)
  const node = reader.sum()
  if (!reader.isAtEnd) throw new Unreadable(`SymPy would not read ${text}`)
  return node
}

// To Python 04 is 0 and 4, which makes the product 0.
const tokenPattern =
  /\s+|(\d+\.\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+|0+|[1-9]\d*)|(sqrt(?=\()|ln(?=\()|pi|oo|\p{L})|(\*\*|[-+*/^()!])/uy

/** Words that Python has for itself. */
const pythonWord = /(?<!\p{L})(?:as|if|in|is|or)(?!\p{L})/u

function tokensOf(text: string): string[] {
  if (pythonWord.test(text)) throw new Unreadable(`${text} has a word of Python's`)
  const tokens: string[] = []
  for (let at = 0; at < text.length; at = tokenPattern.lastIndex) {
    tokenPattern.lastIndex = at
    const match = tokenPattern.exec(text)
    if (!match) throw new Unreadable(`SymPy would not read ${text}`)
    const token = match[0].trim()
    if (token !== '') tokens.push(token === '**' ? '^' : token)
  }
  return tokens
}

/** Deeper nesting than any honest answer's. */
const deepest = 200

class Reader {
  private at = 0
  private depth = 0
  constructor(
    private readonly tokens: readonly string[],
    private readonly budget: Budget,
  ) {}

  get isAtEnd(): boolean {
    return this.at === this.tokens.length
  }

  sum(): Node {
    if (++this.depth > deepest) throw new Unreadable('it is too deeply nested')
    const terms = [this.product()]
    for (;;) {
      if (this.take('+')) terms.push(this.product())
      else if (this.take('-')) terms.push({ kind: 'negative', of: this.product() })
      else break
    }
    this.depth -= 1
    return terms.length === 1 ? (terms[0] as Node) : { kind: 'sum', terms }
  }

  private product(): Node {
    let node = this.signed()
    for (;;) {
      if (this.take('/')) node = { kind: 'quotient', top: node, bottom: this.signed() }
      else if (this.take('*')) node = productOf(node, this.signed())
      else if (this.beginsFactor()) node = productOf(node, this.power())
      else return node
    }
  }

  private beginsFactor(): boolean {
    const token = this.tokens[this.at]
    return token !== undefined && !'+-*/^)!'.includes(token)
  }

  private signed(): Node {
    let isNegative = false
    for (;;) {
      if (this.take('-')) isNegative = !isNegative
      else if (!this.take('+')) break
    }
    const of = this.power()
    return isNegative ? { kind: 'negative', of } : of
  }

  private power(): Node {
    if (++this.depth > deepest) throw new Unreadable('it is too deeply nested')
    let base = this.atom()
    while (this.take('!')) base = { kind: 'call', name: 'factorial', args: [base] }
    const node: Node = this.take('^') ? { kind: 'power', base, exponent: this.signed() } : base
    this.depth -= 1
    return node
  }

  private atom(): Node {
    this.budget.charge()
    const token = this.tokens[this.at++]
    if (token === '(') return this.bracketed()
    if (token === 'pi') return { kind: 'constant', name: 'pi' }
    if (token === 'oo') return { kind: 'constant', name: 'infinity' }
    if (token === 'ln') return { kind: 'call', name: 'log', args: [this.argument()] }
    if (token === 'sqrt') return { kind: 'root', degree: 2, of: this.argument() }
    if (token !== undefined && /^[\d.]/.test(token)) return numberOf(token, this.budget)
    if (token !== undefined && /^\p{L}$/u.test(token)) return { kind: 'letter', name: token }
    throw new Unreadable('an operand is missing')
  }

  private argument(): Node {
    this.at += 1
    return this.bracketed()
  }

  private bracketed(): Node {
    const node = this.sum()
    if (!this.take(')')) throw new Unreadable('a bracket is not closed')
    return node
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false
    this.at += 1
    return true
  }
}

function productOf(a: Node, b: Node): Node {
  if (a.kind !== 'product') return { kind: 'product', factors: [a, b] }
  a.factors.push(b) // All of this tree is ours.
  return a
}

function numberOf(token: string, budget: Budget): Node {
  const [digits = '', exponentText = '0'] = token.split('e')
  const [whole = '', decimals = ''] = digits.split('.')
  const exponent = Number(exponentText)
  if (Math.abs(exponent) > 1000) throw new Unreadable(`${token} is beyond a double`)
  budget.chargeBits(4 * (token.length + Math.abs(exponent)))
  const value = ratio(BigInt(whole + decimals), 10n ** BigInt(decimals.length))
  return { kind: 'number', value: times(value, raise(integer(10), exponent)) }
}
