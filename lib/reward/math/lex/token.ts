// What the lexer hands to the parser.

export interface Token {
  /**
   * `number`: digits with at most one point, separators removed. `letter`: what stands for itself, as x, \alpha and Δ.
   * `name`: a function or a command, as sin, frac and begin. `sign`: everything else that means something in mathematics.
   * `text`: words. `unit`: what a number may be counted in. `end`: after the last.
   */
  type: 'number' | 'letter' | 'name' | 'sign' | 'text' | 'unit' | 'end'
  text: string
  /** Was there space before it? */
  isSpaced: boolean
}

/** How commas between digits are read; one text may be read in more than one way. */
export type CommaReading = 'thousands' | 'separator' | 'decimal'
