// What a reward is: a function of one answer. Anyone may write one.
import type { Row } from '../data/row.js'
import type { Verdict } from './verdict.js'

export interface RewardSample {
  row: Row
  /** The answer as the model gave it, from the end of the prompt on. */
  text: string
}

/** Of one answer. A function with `scoreAll` is asked for a step's answers together instead. */
export type Reward = ((sample: RewardSample & { signal: AbortSignal }) => number | Promise<number>) & {
  scoreAll?: ScoreAll
}

/**
 * For each sample, in order, its score or why it has none. `deadlineMs` is for one sample, and scoreAll's own to keep. Rejects
 * once the signal is aborted.
 */
export type ScoreAll = (
  samples: readonly RewardSample[],
  options: { deadlineMs: number; signal: AbortSignal | undefined },
) => Promise<readonly Score[]>

/** Or why there is none; or the score with what it is made of. */
export type Score = number | { why: string } | (Verdict & { score: number })
