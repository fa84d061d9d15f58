// What a comparison carries along.
import type { Budget } from '../budget.js'
import type { Node } from '../tree.js'

export interface Context {
  budget: Budget
  /** Of the points at which expressions are compared. */
  seed: number
  /** See Limits. */
  numDecimals?: number | undefined
}

/** Are the two the same, the first being the answer and the second the gold? */
export type Comparison = (answer: Node, gold: Node, context: Context) => boolean
