import { requireArrays } from '../arguments.js'
import { run } from '../native.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'
import { type AdamwStepOptions, checkStep } from './adamw-step.js'

/**
 * A parameter, its gradient, and its moments as 8-bit codes of the same shape with an f32 scale for each block of 256 elements
 * in a row (the last block may be shorter).
 */
export interface Adamw8Entry {
  /** f32 `[...]`, of n elements; written in place. */
  parameter: Tensor
  /** f32, as parameter; only read. */
  gradient: Tensor
  /** u8, as parameter: codes of the first moment, which has a sign. Written in place. */
  m: Tensor
  /** f32 [⌈n/256⌉]: the greatest absolute value of each block of the first moment. Written in place. */
  mScale: Tensor
  /** u8, as parameter: codes of the second moment, without a sign. Written in place. */
  v: Tensor
  /** f32 [⌈n/256⌉]: the greatest value of each block of the second moment. Written in place. */
  vScale: Tensor
}

/** Elements in a row that share a scale: Adamw8Step::kBlock in cpp/ops/adamw8_step.h. */
export const adamw8Block = 256

/**
 * One AdamW step in place on moments of 8 bits (Dettmers et al., "8-bit Optimizers via Block-wise Quantization", 2022):
 * {@link adamwStep} in float32 between decoding them and encoding them anew, block by block, by the paper's dynamic tree of
 * codes. Unlike there, a second moment above 0 is never coded as 0: the first moment would be divided by epsilon alone. Codes 0
 * with scales 0 are moments of 0.
 *
 * `gradNorm` [] must be given; where it is not finite nothing is written. No gradient.
 *
 * @throws {@link ArgumentError} as adamwStep, and for codes that are not u8 or scales of another length
 */
export function adamw8Step(entries: readonly Adamw8Entry[], gradNorm: Tensor, options: AdamwStepOptions): void {
  checkStep('adamw8_step', options)
  requireArrays('adamw8_step', { entries })
  for (const { parameter, gradient, m, mScale, v, vScale } of entries)
    requireTensors('adamw8_step', { parameter, gradient, m, mScale, v, vScale })
  requireTensors('adamw8_step', { gradNorm })
  const natives = (field: keyof Adamw8Entry) => entries.map((entry) => entry[field].native)
  const moments = [natives('m'), natives('mScale'), natives('v'), natives('vScale')] as const
  run('adamw8_step', natives('parameter'), natives('gradient'), ...moments, gradNorm.native, { ...options })
}
