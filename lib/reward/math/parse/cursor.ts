// Where the parser is among the tokens, and how deep it has gone.
import { type Budget, Unreadable } from '../budget.js'
import type { Token } from '../lex/token.js'

/** Deeper than any honest answer; keeps every recursion over a tree far from the stack's end. */
const maxDepth = 60
const maxWraps = 300

const end: Token = { type: 'end', text: '', isSpaced: false }

export class Cursor {
  private position = 0
  private depth = 0
  private numWraps = 0
  /** Bars open: within them the next bar closes. */
  numBars = 0

  constructor(
    private readonly tokens: readonly Token[],
    readonly budget: Budget,
  ) {}

  get token(): Token {
    return this.tokens[this.position] ?? end
  }

  peek(count = 1): Token {
    return this.tokens[this.position + count] ?? end
  }

  advance(): Token {
    const { token } = this
    this.position++
    this.budget.charge(3)
    return token
  }

  is(text: string): boolean {
    return this.token.text === text && this.token.type === 'sign'
  }

  isName(text: string): boolean {
    return this.token.text === text && this.token.type === 'name'
  }

  /** Steps over the sign if it is next. */
  accept(text: string): boolean {
    if (!this.is(text)) return false
    this.advance()
    return true
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(`${text} is missing`)
  }

  unexpected(what = 'it is not a formula that is understood'): Unreadable {
    const { text, type } = this.token
    return new Unreadable(
      type === 'end' ? `${what}: it ends too early` : `${what} at ${JSON.stringify(text.slice(0, 30))}`,
    )
  }

  /** Runs a rule one level deeper. */
  nest<T>(rule: () => T): T {
    if (++this.depth > maxDepth) throw new Unreadable('it is nested too deeply')
    const result = rule()
    this.depth--
    return result
  }

  /** Counts what is wrapped around what was read before, as each sign of 1/2/3/4 does: it deepens the tree without nesting. */
  wrap(): void {
    if (++this.numWraps > maxWraps) throw new Unreadable('it is nested too deeply')
  }

  /** A rule between brackets, where an outer bar is no closing one. */
  enclose<T>(rule: () => T): T {
    const outer = this.numBars
    this.numBars = 0
    const result = this.nest(rule)
    this.numBars = outer
    return result
  }

  /** The first digit of a number as a token of its own, as in \frac12. */
  takeDigit(): Token {
    const { token } = this
    if (token.type !== 'number' || token.text.length === 1 || token.text.includes('.')) return this.advance()
    const rest = { ...token, text: token.text.slice(1), isSpaced: false }
    ;(this.tokens as Token[])[this.position] = rest
    return { ...token, text: token.text.charAt(0) }
  }
}
