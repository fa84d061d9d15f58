// Sampling answers from the model that is trained.
export {
  type Answer,
  type Group,
  type RolloutCounts,
  RolloutEngine,
  type RolloutEngineOptions,
} from './engine.js'
export type { DrawnToken, GenerateOptions, Prompt, TextCodec } from './request.js'
export type { FinishReason } from './sequence.js'
