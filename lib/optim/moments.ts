// The moments of one parameter: which tensors hold them, and these tensors.
import { zeros } from '../create.js'
import type { DType } from '../native.js'
import { withoutScope } from '../scope.js'
import type { Tensor } from '../tensor.js'

/** By the last part of their names in a checkpoint: 'm' and 'v'. */
export type Moments = Readonly<Record<'m' | 'v', Tensor>>

export interface MomentSpec {
  shape: readonly number[]
  dtype: DType
}

export function momentSpecs({ shape }: Tensor): Readonly<Record<keyof Moments, MomentSpec>> {
  const spec: MomentSpec = { shape, dtype: 'f32' }
  return { m: spec, v: spec }
}

/** Zero, in the parameter's device. They outlive the scope of the step in which they are made. */
export function makeMoments(parameter: Tensor): Moments {
  const { device } = parameter
  const specs = Object.entries(momentSpecs(parameter))
  const tensors = withoutScope(() =>
    specs.map(([part, { shape, dtype }]) => [part, zeros(shape, { dtype, device })] as const),
  )
  return Object.fromEntries(tensors) as Moments
}

export function disposeMoments(moments: Moments): void {
  for (const tensor of Object.values(moments)) tensor.dispose()
}
