// Text to tokens, in one pass: LaTeX, plain text and Unicode's signs all come out alike.
import { type Budget, Unreadable } from '../budget.js'
import { isUnitWord } from '../units.js'
import {
  characterSigns,
  commandSigns,
  functionNames,
  greekLetters,
  ignoredCommands,
  letterCommands,
  spaceCommands,
  structuralNames,
  superscriptDigit,
  textCommands,
  vulgarFractions,
} from './commands.js'
import type { CommaReading, Token } from './token.js'
import { readWord } from './words.js'

/** @throws Unreadable where a letter or a command has no meaning here. */
export function lex(text: string, budget: Budget, commas: CommaReading = 'thousands'): Token[] {
  return new Lexer(text, budget, commas).run()
}

const digitsByReading: Readonly<Record<CommaReading, RegExp>> = {
  thousands: /\d{1,3}(?:(?:,|\{,\})\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?: \d{3})+(?![\d/])(?:\.\d+)?|\d*\.\d+|\d+/y,
  separator: /\d{1,3}(?:\{,\}\d{3})+(?!\d)(?:\.\d+)?|\d*\.\d+|\d+/y,
  decimal: /\d+,\d+|\d*\.\d+|\d+/y,
}
/** The start of a repeating decimal: 0.\overline{3} */
const beforeRepeat = /\d+\.\d*(?=\s*\\(?:overline|dot|bar)(?![a-zA-Z]))/y
const scientific = /(\d+(?:\.\d+)?)[eE]([+-]?\d{1,3})(?![\d.])/y
const separators = /[,\s]|\{,\}/g
const commandName = /\\([a-zA-Z]+|[\s\S])/y
const environmentName = /\s*\{([a-zA-Z]+\*?)\}(?:\s*\{[lcr|\s]*\})?/y
const defining = /def|let|command|input|include|csname|expand|after|catcode|loop|write|read|global|environment|int$|lim/
const afterUnit = /^\s*(?:[\^²³/,;)}.$\\]|per\b|and\b|or\b|$)/
const negatable = /\s*(?:=|(\\in)(?![a-zA-Z]))/y
const ordinal = /^(?:st|nd|rd|th)$/
const letters = /[a-zA-Z]+/y
const otherLetter = /\p{L}|\p{So}|\p{Sm}|[ℂℕℚℝℤ]/u
const plainSigns = new Set("+-*/^_!=<>,;:|&()[]{}%'")
const openings = new Set(['(', '[', '\\{', '⟨'])
const closings = new Set([')', ']', '\\}', '⟩'])

class Lexer {
  private readonly tokens: Token[] = []
  private position = 0
  private isSpaced = false
  /** Brackets open, in which commas part things. */
  private depth = 0

  constructor(
    private readonly text: string,
    private readonly budget: Budget,
    private readonly commas: CommaReading,
  ) {}

  run(): Token[] {
    while (this.position < this.text.length) {
      this.budget.charge(2)
      this.next()
    }
    this.push('end', '')
    return this.tokens
  }

  private next(): void {
    const letter = this.text.charAt(this.position)
    if (isSpace(letter)) this.skip(1)
    else if (isDigit(letter) || (letter === '.' && isDigit(this.text.charAt(this.position + 1)))) this.number()
    else if (letter === '\\') this.command()
    else if (isLetter(letter)) this.word()
    else if (plainSigns.has(letter)) this.plainSign(letter)
    else this.other(letter)
  }

  private push(type: Token['type'], text: string): void {
    this.tokens.push({ type, text, isSpaced: this.isSpaced })
    this.isSpaced = false
    if (type !== 'sign') return
    if (openings.has(text)) this.depth++
    else if (closings.has(text)) this.depth--
  }

  private skip(count: number): void {
    this.position += count
    this.isSpaced = true
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position
    const match = pattern.exec(this.text)
    if (match !== null) this.position += match[0].length
    return match
  }

  private number() {
    const repeat = this.match(beforeRepeat)
    if (repeat !== null) return this.push('number', repeat[0])
    const exponential = this.match(scientific)
    if (exponential !== null) return this.scientific(exponential[1] ?? '', exponential[2] ?? '')
    const reading = this.commas === 'thousands' && this.depth > 0 ? 'separator' : this.commas
    const [digits = ''] = this.match(digitsByReading[reading]) ?? []
    if (reading === 'decimal') return this.push('number', digits.replace(',', '.'))
    this.push('number', digits.replaceAll(separators, ''))
  }

  private scientific(digits: string, exponent: string): void {
    this.push('number', digits)
    this.push('sign', '*')
    this.push('number', '10')
    this.push('sign', '^')
    this.push('sign', '{')
    if (exponent.startsWith('-')) this.push('sign', '-')
    this.push('number', exponent.replace(/^[+-]/, ''))
    this.push('sign', '}')
  }

  private word() {
    const [word = ''] = this.match(letters) ?? []
    const before = this.tokens.at(-1)
    if (this.isAfterNumber() && isUnitWord(word) && this.isUnitPlace() && !functionNames.has(word))
      return this.push('unit', word)
    if (before?.type === 'number' && ordinal.test(word)) return
    for (const token of readWord(word)) this.push(token.type, token.text)
  }

  private isAfterNumber(): boolean {
    const before = this.tokens.at(-1)
    return before?.type === 'number' || (before?.type === 'sign' && /^[)}%]$/.test(before.text))
  }

  /** 5 cm, but not 5 cm + x: among letters, cm is a product. */
  private isUnitPlace(): boolean {
    if (this.tokens.some(({ type }) => type === 'letter')) return false
    return afterUnit.test(this.text.slice(this.position, this.position + 12))
  }

  private plainSign(letter: string): void {
    const two = this.text.slice(this.position, this.position + 2)
    const wide = { '<=': '≤', '>=': '≥', '!=': '≠', '**': '^', '==': '=' }[two]
    this.position += wide === undefined ? 1 : 2
    this.push('sign', wide ?? letter)
  }

  private other(letter: string) {
    const digit = superscriptDigit(letter)
    if (digit !== undefined) return this.superscript()
    this.position++
    const sign = characterSigns[letter]
    if (sign !== undefined) return this.push('sign', sign)
    const greek = greekLetters[letter]
    if (greek !== undefined) return greek === 'pi' ? this.push('name', 'pi') : this.push('letter', greek)
    const fraction = vulgarFractions[letter]
    if (fraction !== undefined) return this.vulgarFraction(fraction)
    if (letter === '∞') return this.push('name', 'infty')
    if (letter === '√') return this.push('name', 'sqrt')
    if (letter === '$' || /\p{Sc}/u.test(letter)) return this.push('unit', letter)
    // The full stop at a sentence's end.
    if ((letter === '.' || letter === '。') && this.text.slice(this.position).trim() === '') return
    if (letter === '~') return this.skip(0)
    if (letter === '"' || letter === '`') return
    if (otherLetter.test(letter)) return this.push('letter', letter)
    throw new Unreadable(`${JSON.stringify(letter)} has no meaning in mathematics`)
  }

  /** ½ as \frac{1}{2}. */
  private vulgarFraction([top = '', bottom = '']: readonly string[]): void {
    this.push('name', 'frac')
    for (const digits of [top, bottom]) {
      this.push('sign', '{')
      this.push('number', digits)
      this.push('sign', '}')
    }
  }

  private superscript(): void {
    this.push('sign', '^')
    this.push('sign', '{')
    let digits = ''
    for (;;) {
      const digit = superscriptDigit(this.text.charAt(this.position))
      if (digit === undefined) break
      digits += digit
      this.position++
    }
    this.push('number', digits)
    this.push('sign', '}')
  }

  private command() {
    const start = this.position
    const [whole = '\\', name = ''] = this.match(commandName) ?? []
    if (whole === '\\') return this.skip(1)
    if (name === '\\' && this.isDoubled()) return
    if (spaceCommands.has(name)) return this.skip(0)
    if (name === 'left' || name === 'right' || name === 'middle') return this.fence(name)
    if (ignoredCommands.has(name)) return
    if (textCommands.has(name)) return this.textGroup(name, start)
    if (name === '$') return this.push('unit', '$')
    if (name === 'not') return this.negated()
    if (name === 'begin' || name === 'end') return this.environment(name)
    if (name === 'pi' || name === 'infty') return this.push('name', name)
    const sign = commandSigns[name]
    if (sign !== undefined) return this.push('sign', sign)
    if (letterCommands.has(name)) return this.push('letter', name)
    if (structuralNames.has(name) || functionNames.has(name)) return this.push('name', name)
    if (name === '(' || name === ')' || name === '[' || name === ']') return this.skip(0)
    this.unknown(name)
  }

  /** A command of its own stands for a letter; one that would change how text is read does not. */
  private unknown(name: string) {
    const joined = /^q?quad(?=[a-zA-Z])/.exec(name)
    if (joined !== null) {
      this.position -= name.length - joined[0].length
      return this.skip(0)
    }
    if (!/^[a-zA-Z]{2,12}$/.test(name) || defining.test(name)) {
      throw new Unreadable(`\\${name.slice(0, 20)} is not a command that is understood`)
    }
    this.push('letter', name)
  }

  /** \\frac is \frac whose backslash was doubled on its way, unless it stands in a matrix. */
  private isDoubled(): boolean {
    if (!/[a-zA-Z]/.test(this.text.charAt(this.position)) || this.text.includes('\\begin')) return false
    this.position--
    return true
  }

  /** \left| and \right| tell which of the two bars it is. */
  private fence(name: string): void {
    while (isSpace(this.text.charAt(this.position))) this.position++
    const letter = this.text.charAt(this.position)
    if (letter === '.') this.position++
    else if (letter === '|') {
      this.position++
      this.push('sign', name === 'left' ? '|(' : name === 'right' ? ')|' : '|')
    }
  }

  /** \not= and \not\in */
  private negated(): void {
    const match = this.match(negatable)
    if (match === null) throw new Unreadable('\\not denies nothing that is understood')
    this.push('sign', match[1] === undefined ? '≠' : '∉')
  }

  /** One token for \begin{array}{cc}, and one for its end. */
  private environment(name: string): void {
    const match = this.match(environmentName)
    if (match === null) throw new Unreadable(`\\${name} names no environment`)
    this.push('name', `${name}:${match[1]}`)
  }

  private textGroup(name: string, start: number) {
    while (isSpace(this.text.charAt(this.position))) this.position++
    const isGroup = this.text.charAt(this.position) === '{'
    const end = isGroup ? endOfGroup(this.text, this.position) : this.position + 1
    if (end === undefined) throw new Unreadable(`${this.text.slice(start, start + 20)} is not closed`)
    const inner = isGroup ? this.text.slice(this.position + 1, end) : this.text.slice(this.position, end)
    this.position = isGroup ? end + 1 : end
    this.innerText(name, inner)
  }

  private innerText(name: string, inner: string) {
    const words = inner.trim()
    if (words === '') return this.skip(0)
    if (name === 'mathbb') return this.push('letter', { R: 'ℝ', Z: 'ℤ', N: 'ℕ', Q: 'ℚ', C: 'ℂ' }[words] ?? words)
    // \text{m} after a number; without one it is a letter.
    if (/^[mgshLlNJWKV]$/.test(words) && this.isAfterNumber()) return this.push('unit', words)
    const choice = /^\(([a-zA-Z])\)$/.exec(words)
    if (choice !== null) return this.push('letter', choice[1] ?? '')
    // Numbers, formulas and single letters are what they are in any type face; bold symbols are no words.
    const isWords = /^[a-zA-Z][a-zA-Z\s.,;:'?!-]+$/.test(words)
    if (isWords && !functionNames.has(words) && !/^(?:percent|percentage|pct)$/.test(words))
      return this.push('text', words)
    if (/^[^a-zA-Z\\]*$/.test(words) || /^[a-zA-Z]$/.test(words) || functionNames.has(words) || /[\\^_=]/.test(words)) {
      return this.nested(words)
    }
    if (/^(?:percent|percentage|pct)$/.test(words) && this.isAfterNumber()) return this.push('sign', '%')
    this.push('text', words)
  }

  private nested(inner: string): void {
    this.budget.charge(inner.length)
    const isSpaced = this.isSpaced
    // Nesting is bounded: each level is shorter by its command and is charged for.
    const tokens = lexNested(inner, this.budget, this.commas)
    for (const token of tokens.slice(0, -1)) this.push(token.type, token.text)
    this.isSpaced ||= isSpaced
  }
}

let nesting = 0

function lexNested(inner: string, budget: Budget, commas: CommaReading): Token[] {
  if (nesting >= 8) throw new Unreadable('text commands are nested too deeply')
  nesting++
  try {
    return lex(inner, budget, commas)
  } finally {
    nesting--
  }
}

/** Where the group that opens at `start` closes. */
export function endOfGroup(text: string, start: number): number | undefined {
  let depth = 0
  for (let i = start; i < text.length; i++) {
    const letter = text.charAt(i)
    if (letter === '\\') i++
    else if (letter === '{') depth++
    else if (letter === '}' && --depth === 0) return i
  }
  return undefined
}

function isSpace(letter: string): boolean {
  return (
    letter === ' ' ||
    letter === '\n' ||
    letter === '\t' ||
    letter === '\r' ||
    letter === '\u00a0' ||
    letter === '\u2009'
  )
}

function isDigit(letter: string): boolean {
  return letter >= '0' && letter <= '9'
}

function isLetter(letter: string): boolean {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
}
