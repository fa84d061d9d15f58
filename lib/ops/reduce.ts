// Reductions over all elements, to a scalar, or over the last dimension. An empty sum is 0, an empty mean NaN.

import { requireArrays } from '../arguments.js'
import { call, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'
import { consume } from './native-chain.js'

/**
 * Σ x → []. In float64, in parts of fixed size; an empty sum is 0. ∂x = dy everywhere; keeps nothing for backward.
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const sum = (x: Tensor): Tensor => reduce('sum', x)

/**
 * Σ x / n → []. In float64; the mean of nothing is NaN. ∂x = dy / n everywhere; keeps nothing for backward.
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const mean = (x: Tensor): Tensor => reduce('mean', x, (x) => x.numElements)

/**
 * The largest element → []; NaN where any is. Equal maxima share the gradient evenly. Keeps x and the result.
 *
 * @throws {@link ArgumentError} for an x that is not f32, a tensor without elements
 */
export const max = (x: Tensor): Tensor => largest('max', x)

/**
 * Σ over the last dimension, in float64: x `[..., C]` → `[...]`. ∂x = dy of its row; keeps nothing for backward.
 *
 * @throws {@link ArgumentError} for an x that is not f32, a scalar
 */
export const sumLast = (x: Tensor): Tensor => reduce('sum_last', x)

/**
 * Mean over the last dimension, in float64: x `[..., C]` → `[...]`. ∂x = dy / C of its row; keeps nothing for backward.
 *
 * @throws {@link ArgumentError} for an x that is not f32, a scalar
 */
export const meanLast = (x: Tensor): Tensor => reduce('mean_last', x, (x) => x.shape.at(-1) ?? 1)

/**
 * The largest of the last dimension: x `[..., C]` → `[...]`; NaN where any is. Equal maxima of a row share its gradient evenly.
 * Keeps x and the result.
 *
 * @throws {@link ArgumentError} for an x that is not f32, a scalar, or C = 0
 */
export const maxLast = (x: Tensor): Tensor => largest('max_last', x)

/**
 * x repeated to a shape it broadcasts to: x's extents are those of `shape` in one run of dimensions, and 1 or absent elsewhere.
 * A copy, no view. ∂x = dy summed to x's shape; keeps nothing for backward.
 *
 * @throws {@link ArgumentError} for a shape that x does not broadcast to
 */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  requireTensors('expand', { x })
  requireArrays('expand', { shape })
  const from = x.shape
  return record(call('expand', x.native, shape), {
    name: 'expand',
    inputs: [x],
    saved: [],
    backward: (dy) => [call('sum_to', dy, from)],
  })
}

/** A mean where `numOf` says of how many elements, else a sum. */
function reduce(name: string, x: Tensor, numOf?: (x: Tensor) => number): Tensor {
  requireTensors(name, { x })
  const { shape } = x
  const over = numOf?.(x)
  return record(call(name, x.native), {
    name,
    inputs: [x],
    saved: [],
    backward: (dy) => {
      const spread = expandTo(dy, shape)
      return [over === undefined ? spread : consume('mul_scalar', spread, 1 / over)]
    },
  })
}

function largest(name: 'max' | 'max_last', x: Tensor): Tensor {
  requireTensors(name, { x })
  const { shape } = x
  const y = call(name, x.native)
  return record(y, {
    name,
    inputs: [x],
    saved: [x, y],
    backward: (dy, [x, y]) => {
      const spreadY = expandTo(y, shape)
      const isMax = consume('equal', spreadY, x)
      const count = call(name === 'max' ? 'sum' : 'sum_last', isMax)
      const share = call('div', dy, count)
      count.dispose()
      const spread = expandTo(share, shape)
      share.dispose()
      const dx = consume('mul', spread, isMax)
      isMax.dispose()
      return [dx]
    },
  })
}

/** A scalar, or one value for each row, repeated over x's shape. */
function expandTo(small: NativeTensor, shape: readonly number[]): NativeTensor {
  if (small.shape.length === 0) return call('expand', small, shape)
  const column = small.view([...small.shape, 1])
  return consume('expand', column, shape)
}
