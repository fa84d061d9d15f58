// What goes through the model, as far as its cost is concerned.

export interface Pass {
  /** Through the layers. */
  tokens: number
  /** Of them, those that go on to the vocabulary. */
  rows: number
  /** Sum over the sequences of their length squared: causal attention looks at half as many pairs. */
  squares: number
  /** Into how many calls it is cut. */
  calls: number
}

export const noPass: Pass = { tokens: 0, rows: 0, squares: 0, calls: 0 }

/** Prompts with their answers, as training packs them: the last token of an answer is predicted, and never goes in. */
export function passOf(promptTokens: number, answerTokens: readonly number[]): Pass {
  const inputs = answerTokens.map((length) => promptTokens + length - 1)
  return {
    tokens: inputs.reduce((sum, n) => sum + n, 0),
    rows: answerTokens.reduce((sum, n) => sum + n, 0),
    squares: inputs.reduce((sum, n) => sum + n * n, 0),
    calls: 1,
  }
}

/** Of every answer, and of the prompt in its cache, the context that its tokens were drawn with: the sum over tokens. */
export const contextTokens = (promptTokens: number, answerTokens: readonly number[]): number =>
  answerTokens.reduce((sum, n) => sum + n * promptTokens + (n * (n - 1)) / 2, 0)

/** In one call. */
export const together = (passes: readonly Pass[]): Pass =>
  passes.reduce(
    (a, b) => ({ tokens: a.tokens + b.tokens, rows: a.rows + b.rows, squares: a.squares + b.squares, calls: 1 }),
    { ...noPass, calls: 1 },
  )

export const scaled = ({ tokens, rows, squares, calls }: Pass, factor: number): Pass => ({
  tokens: tokens * factor,
  rows: rows * factor,
  squares: squares * factor,
  calls,
})
