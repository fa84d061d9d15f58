// The public interface.

// training

export * from './data/index.js'
export * from './eval/index.js'
export * from './grpo/index.js'
export { AdamW, type AdamWOptions, type AdamWState } from './optim/adamw.js'
export {
  type Decay,
  type LearningRateOptions,
  type LearningRateSchedule,
  learningRateAt,
} from './optim/learning-rate.js'
export type { MomentValues, SavedTensor as SavedMoment } from './optim/saved-moments.js'
export * from './reward/index.js'
export * from './rollout/index.js'
export {
  type AboveForSteps,
  type Back,
  type Conditions as StageConditions,
  type ContextSchedule,
  contextSchedule,
  type Drop as RewardDrop,
  type Ends as StageEnds,
  type Explanation,
  type Falling as RewardFalling,
  type Move as ScheduleMove,
  type OnPlateau,
  type Plateau as RewardPlateau,
  type Reset,
  type RowSelection,
  type ScheduleMetrics,
  type ScheduleOptions,
  type ScheduleState,
  type ScheduleStep,
  type Stage,
  type StageSettings,
  type Until,
} from './schedule/context-schedule.js'
export * from './train/index.js'

// models and tokenizers

export * from './models/index.js'
export * as nn from './nn/index.js'
export * from './tokenizer/index.js'

// tensors, ops and their derivatives

export {
  checkpoint,
  defineOp,
  noGrad,
  type OpContext,
  type OpDefinition,
  type SavedTensors,
} from './autograd.js'
export { full, ones, tensor, zeros } from './create.js'
export type { Result as OpResult } from './function-node.js'
export type { DType } from './native.js'
export * as ops from './ops/index.js'
export { scope } from './scope.js'
export { Tensor, type TensorOptions } from './tensor.js'
export type { TensorData, TypedArray } from './tensor-data.js'

// the device, random numbers, errors

export * as device from './device.js'
export * from './errors.js'
export { RandomStream } from './random.js'
