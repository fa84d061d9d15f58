// Does an answer end in a loop? A policy that collapses often says the same few tokens until the limit cuts it.

/** What counts as a loop, in tokens. */
export const loopRule = {
  /** Longer loops are not looked for. */
  longestPeriod: 256,
  /** Times in a row that the same tokens are said, at least: a list or a recheck may well repeat itself once or twice. */
  numRepeats: 4,
  /** Of the looping end as a whole, so that a short run of one token, dots or zeros, is none. */
  minTokens: 24,
} as const

/**
 * Whether the last K tokens have a period of p tokens, t[i] = t[i − p], for a p up to `longestPeriod` and a K of at least
 * `numRepeats` · p and `minTokens`. Of the first `numTokens` tokens, all where left out. Linear in the part of the tail that can
 * matter.
 */
export function endsInLoop(tokens: ArrayLike<number>, numTokens = tokens.length): boolean {
  const { longestPeriod, numRepeats, minTokens } = loopRule
  const tail = backwards(tokens, numTokens)
  const same = matchLengths(tail, longestPeriod)
  for (let period = 1; period < same.length; period++) {
    const length = period + (same[period] as number)
    if (length >= numRepeats * period && length >= minTokens) return true
  }
  return false
}

/** The last tokens, the last one first: as many as the longest loop needs. */
function backwards(tokens: ArrayLike<number>, numTokens: number): Int32Array {
  const tail = new Int32Array(Math.min(numTokens, loopRule.longestPeriod * loopRule.numRepeats))
  for (let i = 0; i < tail.length; i++) tail[i] = tokens[numTokens - 1 - i] as number
  return tail
}

/**
 * By offset: how many tokens from there on are the same as those from the start (the Z function, Gusfield 1997, 1.3). What is
 * the same as the text p places on has period p. Offsets up to `last` only, each token looked at once or twice.
 */
function matchLengths(tokens: Int32Array, last: number): Int32Array {
  const lengths = new Int32Array(Math.min(tokens.length, last + 1))
  let begin = 0
  let end = 0 // tokens[begin, end) is known to be the same as the start
  for (let i = 1; i < lengths.length; i++) {
    let length = i < end ? Math.min(end - i, lengths[i - begin] as number) : 0
    while (i + length < tokens.length && tokens[length] === tokens[i + length]) length++
    lengths[i] = length
    if (i + length > end) [begin, end] = [i, i + length]
  }
  return lengths
}
