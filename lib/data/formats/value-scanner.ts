// Cuts JSON values out of a text that comes in pieces: the elements of one array, or values side by side. It looks at brackets, commas
// and quotes only; whether a value is JSON is for its parser to say.

/** The text of a value, or what stands where something else was expected. */
export type Scanned = { readonly text: string } | { readonly expected: string; readonly got: string }

type Awaited = 'anything' | 'value' | 'comma' | 'first' | 'nothing'

const expectedBy: Record<Awaited, string> = {
  anything: 'an array or a record',
  first: 'a record or "]"',
  value: 'a record',
  comma: '"," or "]"',
  nothing: 'nothing more',
}

const notWhitespace = /[^ \t\n\r]/g
const ofInterest = /["\\{}[\], \t\n\r]/g
const endOfText = 'the end of the file'

export class ValueScanner {
  #awaited: Awaited = 'anything'
  #isArray = false
  /** Of the value under way, before the present piece. */
  #pending = ''
  #isInside = false
  #depth = 0
  #isQuoted = false
  #isEscaped = false

  /** Letters of a value that has begun and not ended. */
  get numPending(): number {
    return this.#pending.length
  }

  /** What ends in this piece of the text. Nothing is to be pushed after something unexpected. */
  *push(chunk: string): Generator<Scanned> {
    let at = 0
    while (at < chunk.length) {
      if (!this.#isInside) {
        notWhitespace.lastIndex = at
        at = notWhitespace.exec(chunk)?.index ?? chunk.length
        if (at === chunk.length) return
        const letter = chunk[at] as string
        if (this.#punctuation(letter)) at++
        else if (!this.#begin(letter)) return yield { expected: expectedBy[this.#awaited], got: JSON.stringify(letter) }
        continue
      }
      const end = this.#endOfValue(chunk, at)
      this.#pending += chunk.slice(at, end ?? chunk.length)
      if (end === undefined) return
      yield this.#take()
      at = end
    }
  }

  /** What the end of the text ends. */
  *end(): Generator<Scanned> {
    const isCut = this.#depth > 0 || this.#isQuoted
    if (this.#isInside && isCut) return yield { expected: 'the end of a record', got: endOfText }
    if (this.#isInside) yield this.#take()
    if (this.#isArray && this.#awaited !== 'nothing') yield { expected: expectedBy[this.#awaited], got: endOfText }
  }

  #punctuation(letter: string): boolean {
    if (letter === '[' && this.#awaited === 'anything' && !this.#isArray) {
      this.#isArray = true
      this.#awaited = 'first'
    } else if (letter === ',' && this.#awaited === 'comma') this.#awaited = 'value'
    else if (letter === ']' && (this.#awaited === 'comma' || this.#awaited === 'first')) this.#awaited = 'nothing'
    else return false
    return true
  }

  #begin(letter: string): boolean {
    const mayBegin = this.#awaited !== 'comma' && this.#awaited !== 'nothing'
    if (!mayBegin || /[\]},:\\]/.test(letter)) return false
    this.#isInside = true
    return true
  }

  #take(): Scanned {
    const text = this.#pending
    this.#pending = ''
    this.#isInside = false
    this.#awaited = this.#isArray ? 'comma' : 'value'
    return { text }
  }

  /** Where the value ends: behind its last bracket or quote, or at what follows a bare word. */
  #endOfValue(chunk: string, from: number): number | undefined {
    let at = from
    if (this.#isEscaped) {
      this.#isEscaped = false
      at++
    }
    for (; ; at++) {
      ofInterest.lastIndex = at
      at = ofInterest.exec(chunk)?.index ?? chunk.length
      if (at >= chunk.length) return undefined
      const letter = chunk[at] as string
      if (this.#isQuoted) {
        if (letter === '\\') {
          if (at + 1 === chunk.length) this.#isEscaped = true
          at++
        } else if (letter === '"') this.#isQuoted = false
        if (letter === '"' && this.#depth === 0) return at + 1
      } else if (letter === '"') this.#isQuoted = true
      else if (letter === '{' || letter === '[') this.#depth++
      else if (this.#depth === 0) return at
      else if (letter === '}' || letter === ']') {
        this.#depth--
        if (this.#depth === 0) return at + 1
      }
    }
  }
}
