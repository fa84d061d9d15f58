import { run } from '../native.js'
import type { Tensor } from '../tensor.js'
import type { AdamwStepOptions } from './adamw-step.js'

/** A parameter, its gradient, and its moments as 8-bit codes of the same shape with a scale for each block. */
export interface Adamw8Entry {
  parameter: Tensor
  gradient: Tensor
  m: Tensor
  mScale: Tensor
  v: Tensor
  vScale: Tensor
}

/** Elements in a row that share a scale: Adamw8Step::kBlock in cpp/ops/adamw8_step.h. */
export const adamw8Block = 256

/**
 * One AdamW step in place on moments of 8 bits (Dettmers et al., 2022): as adamwStep, between decoding them and encoding them
 * anew, block by block. Codes 0 with scales 0 are moments of 0.
 */
export function adamw8Step(entries: readonly Adamw8Entry[], gradNorm: Tensor, options: AdamwStepOptions): void {
  const natives = (field: keyof Adamw8Entry) => entries.map((entry) => entry[field].native)
  const moments = [natives('m'), natives('mScale'), natives('v'), natives('vScale')] as const
  run('adamw8_step', natives('parameter'), natives('gradient'), ...moments, gradNorm.native, { ...options })
}
