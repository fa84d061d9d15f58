// What a reward is: a function of one answer. Anyone may write one.
import type { Row } from '../data/row.js'

export interface RewardSample {
  row: Row
  /** The answer as the model gave it, from the end of the prompt on. */
  text: string
}

export type Reward = (sample: RewardSample & { signal: AbortSignal }) => number | Promise<number>
