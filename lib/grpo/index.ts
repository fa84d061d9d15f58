// The GRPO update: advantages, packed micro-batches, the gradient of the objective.
export { groupAdvantages } from './advantage.js'
export { type MicroBatch, microBatches, splitEvenly } from './batch.js'
export { answerLogprobs, type ScoringOptions, scoreAnswers } from './forward.js'
export { accumulateGradients, denominatorOf, LossError, type Objective, type PassOptions } from './objective.js'
export { OffPolicyError } from './on-policy.js'
export type { Completion, Sample } from './sample.js'
export type { GrpoStats } from './stats.js'
