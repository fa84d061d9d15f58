// What becomes of answers that are too long. Pure.
import { penaltyName, type Verdict } from '../reward/verdict.js'

/** DAPO's soft penalty for answers near the limit (Yu et al. 2025, arXiv 2503.14476, equation 13). */
export interface OverlongPenalty {
  /** The last tokens before the limit, within which the penalty falls from 0 to −1; at least 1, and fewer than the shortest stage's limit. */
  bufferTokens: number
  /** Above 0: what the penalty is multiplied with before it is added to the score. A recipe's default is 1. */
  weight: number
}

/**
 * DAPO's soft penalty (Yu et al. 2025, arXiv 2503.14476, equation 13): 0 up to L_max − L_c tokens, then falling linearly to −1 at
 * L_max, where L_max is the stage's limit and L_c the buffer. Stop tokens count.
 */
export function softPenalty(
  numTokens: number,
  { maxResponseTokens, bufferTokens }: { maxResponseTokens: number; bufferTokens: number },
): number {
  const numOver = numTokens - (maxResponseTokens - bufferTokens)
  return numOver <= 0 ? 0 : -Math.min(1, numOver / bufferTokens)
}

/** The verdict with a penalty on top: how right the answer is stays as it was. One without a score stays without. */
export function penalized(verdict: Verdict, { penalty, weight }: { penalty: number; weight: number }): Verdict {
  const { score, outcome, parts } = verdict
  if (score === null) return verdict
  return {
    ...verdict,
    score: score + weight * penalty,
    outcome: outcome ?? score,
    parts: { ...parts, [penaltyName]: penalty },
  }
}
