// What a reward is: a function of one answer. Anyone may write one.
import type { Row } from '../data/row.js'
import type { Verdict } from './verdict.js'

/** One answer to be scored. */
export interface RewardSample {
  /** The problem that was asked, with all its fields. */
  row: Row
  /** The answer as the model gave it, from the end of the prompt on. */
  text: string
}

/**
 * Of one answer: a finite number, higher being better, or a promise of one; 1 counts as right. The signal aborts when the
 * deadline is over or the run stops. A call that throws, takes too long or gives no finite number leaves its answer without a
 * score. A function with `scoreAll` is asked for a step's answers together instead. Its `name` stands in reports.
 */
export type Reward = ((sample: RewardSample & { signal: AbortSignal }) => number | Promise<number>) & {
  /** Scores a step's answers in one go, in processes of its own perhaps. */
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

/** A finite number, or why there is none; or the score with what it is made of. */
export type Score =
  | number
  | {
      /** Why there is no score, for people. */
      why: string
    }
  | (Verdict & {
      /** What the answer is learned from. */
      score: number
    })
