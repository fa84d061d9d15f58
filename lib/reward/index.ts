// What an answer is worth.
export { type FormatOptions, formatReward } from './format-reward.js'
export { type Grade, type GradeMode, type GradeOptions, gradeMath } from './grade-math.js'
export { type MathRewardOptions, mathReward } from './math-reward.js'
export {
  GraderPool,
  type GraderPoolOptions,
  type PoolCounts,
  type PoolGrade,
  type PoolGradeOptions,
} from './pool/grader-pool.js'
export type { GradingPair } from './pool/messages.js'
export type { Reward, RewardSample, Score, ScoreAll } from './reward.js'
export type { Verdict as RewardVerdict } from './verdict.js'
export { type WeightedPart, weightedReward } from './weighted-reward.js'
