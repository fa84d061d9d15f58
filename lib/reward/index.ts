// What an answer is worth.
export { gradeMath, type MathVerdict, mathReward } from './math-reward.js'
export type { Reward, RewardSample } from './reward.js'
