// Errors that say what a metric of NaN would: the step's numbers are no numbers, and so it was not made.
import { LengthenError } from '../../errors.js'
import { LossError } from '../../grpo/objective.js'

/** A loss or a gradient that is no number, or logits that no token can be drawn from: what a weight of NaN comes to. */
export const isNumericalFailure = (error: unknown): error is LengthenError =>
  error instanceof LossError || (error instanceof LengthenError && error.op === 'sample_token')
