// The moments of one parameter: which tensors hold them, and these tensors.
import { zeros } from '../create.js'
import type { DType } from '../native.js'
import { adamw8Block } from '../ops/adamw8-step.js'
import { withoutScope } from '../scope.js'
import type { Tensor } from '../tensor.js'

export const momentFormats = ['f32', '8bit'] as const
/** `'f32'`, or `'8bit'`: codes of 8 bits with a float32 scale for each block of 256 elements (Dettmers et al., 2022). */
export type MomentFormat = (typeof momentFormats)[number]

/** By the last part of their names in a checkpoint. */
export interface F32Moments {
  readonly m: Tensor
  readonly v: Tensor
}

/** Codes u8 of the parameter's shape, scales f32 [number of blocks]. */
export interface QuantizedMoments extends F32Moments {
  readonly mScale: Tensor
  readonly vScale: Tensor
}

export type Moments = F32Moments | QuantizedMoments

export const isQuantized = (moments: Moments): moments is QuantizedMoments => 'mScale' in moments

export interface MomentSpec {
  shape: readonly number[]
  dtype: DType
}

/** Smaller tensors keep float32 moments: biases and norms, where every element counts and nothing is saved (as in the paper). */
export const leastQuantized = 4096

export function momentSpecs(
  { shape, numElements }: Tensor,
  format: MomentFormat,
): Readonly<Record<string, MomentSpec>> {
  if (format === 'f32' || numElements < leastQuantized) {
    const moment: MomentSpec = { shape, dtype: 'f32' }
    return { m: moment, v: moment }
  }
  const codes: MomentSpec = { shape, dtype: 'u8' }
  const scales: MomentSpec = { shape: [Math.ceil(numElements / adamw8Block)], dtype: 'f32' }
  return { m: codes, mScale: scales, v: codes, vScale: scales }
}

/** Moments of 0 on a device. They outlive the scope of the step in which they are made. */
export function makeMoments(specs: Readonly<Record<string, MomentSpec>>, device: string): Moments {
  const tensors = withoutScope(() =>
    Object.entries(specs).map(([part, { shape, dtype }]) => [part, zeros(shape, { dtype, device })] as const),
  )
  return Object.fromEntries(tensors) as unknown as Moments
}

export function disposeMoments(moments: Moments): void {
  for (const tensor of Object.values(moments) as Tensor[]) tensor.dispose()
}
