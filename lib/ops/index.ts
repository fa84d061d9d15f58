/**
 * Every op, by family. Unless said otherwise, tensors are dense, row-major and f32, the arguments lie on one device, and the
 * result is a new tensor there. A result is recorded for backward where an input with a gradient requires one.
 *
 * Letters of dimensions: T tokens of packed sequences, B sequences or rows, H heads, K key/value heads, D head size, C model
 * width, V vocabulary, P prompts, G answers of a group; N and S the blocks of a paged cache and the positions in one; `[...]`
 * is any shape, `[]` a scalar.
 *
 * Every op checks rank, dtype, device and shape when it is called, and throws an ArgumentError there and then. What only the
 * values tell (an index outside its range), and memory that has run out, fail the op when it runs: its results are void, ops on
 * them are skipped, and `toArray()` rejects with the first failure, whose `op` names it.
 *
 * @module
 */
export { type AdamwEntry, type AdamwStepOptions, adamwStep, gradientNorm } from './adamw-step.js'
export { type Adamw8Entry, adamw8Step } from './adamw8-step.js'
export { type AttentionOptions, attention } from './attention.js'
export {
  add,
  div,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  mul,
  type Operand,
  sub,
  where,
} from './binary.js'
export { cast } from './cast.js'
export { type DropoutCall, type DropoutOptions, dropout } from './dropout.js'
export { embedding } from './embedding.js'
export { gatherRows, scatterAddRows } from './gather-rows.js'
export { type GroupAdvantageOptions, groupAdvantage } from './group-advantage.js'
export { type GrpoInputs, type GrpoOptions, type GrpoResult, grpoLoss, grpoStatNames } from './grpo-loss.js'
export { accumulate, copy, copyRows, fill } from './in-place.js'
export { linear } from './linear.js'
export { type PagedCache, type PagedContext, pagedAttention, pagedKvWrite } from './paged-attention.js'
export { expand, max, maxLast, mean, meanLast, sum, sumLast } from './reduce.js'
export { rmsNorm } from './rms-norm.js'
export { type RopeTables, rope } from './rope.js'
export { type SampledTokens, type SamplingOptions, sampleToken } from './sample-token.js'
export { swiglu } from './swiglu.js'
export { type TokenLogprobs, tokenLogprob } from './token-logprob.js'
export { abs, clamp, exp, log, neg, relu, sigmoid, sign, sqrt, square, tanh } from './unary.js'
