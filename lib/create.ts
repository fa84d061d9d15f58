// Tensors from values.

import { type OptionKeys, requireNumbers } from './arguments.js'
import { ArgumentError } from './errors.js'
import { native, run } from './native.js'
import { Tensor, type TensorOptions } from './tensor.js'
import { dtypeOf, numElements, shapeText, type TensorData, toTypedArray } from './tensor-data.js'
import { checkShape, checkTensorOptions, tensorOptionKeys } from './tensor-options.js'

/**
 * A tensor with the given values, which are copied at once. The shape is that of the nested arrays unless given; the dtype that
 * of an Int32Array or Uint8Array, else f32. bf16 rounds to nearest, ties to even.
 *
 * @throws {@link ArgumentError} for ragged arrays, another number of values than the shape has, numbers that i32 or u8 does not hold,
 * or a gradient asked of what is not f32
 * @throws {@link UnsupportedError} for a device that this build does not have, or a gradient asked of bf16
 *
 * @example
 * ```ts
 * import { tensor } from 'lengthen'
 *
 * const x = tensor([[1, 2], [3, 4]], { requiresGrad: true })
 * console.log(x.shape, await x.toArray())
 * ```
 */
export function tensor(
  data: TensorData,
  options: TensorOptions & { shape?: readonly number[] | undefined } = {},
): Tensor {
  checkTensorOptions('tensor', options, tensorKeys)
  if (options.shape !== undefined) checkShape('tensor', options.shape)
  const { dtype = dtypeOf(data), device = 'cpu', requiresGrad } = options
  const { values, shape: ownShape } = toTypedArray(data, dtype)
  const shape = options.shape ?? ownShape
  if (numElements(shape) !== values.length)
    throw new ArgumentError(
      `[tensor] expected ${numElements(shape)} values for shape ${shapeText(shape)}, got ${values.length}`,
    )
  const handle = native.empty(shape, dtype, device)
  handle.write(values)
  const result = Tensor.wrap(handle)
  if (requiresGrad) result.requiresGrad = true
  return result
}

/**
 * A tensor of this shape with one value everywhere; f32 on the CPU unless options say otherwise.
 *
 * @throws {@link ArgumentError} for extents that are no whole numbers from 0, a value that i32 or u8 does not hold, or a gradient
 * asked of what is not f32
 * @throws {@link UnsupportedError} for a device that this build does not have, or a gradient asked of bf16
 */
export function full(shape: readonly number[], value: number, options: TensorOptions = {}): Tensor {
  return filled('full', shape, value, options)
}

/**
 * A tensor of this shape, 0 everywhere; f32 on the CPU unless options say otherwise.
 *
 * @throws {@link ArgumentError} for extents that are no whole numbers from 0, or a gradient asked of what is not f32
 * @throws {@link UnsupportedError} for a device that this build does not have, or a gradient asked of bf16
 */
export const zeros = (shape: readonly number[], options: TensorOptions = {}): Tensor =>
  filled('zeros', shape, 0, options)

/**
 * A tensor of this shape, 1 everywhere; f32 on the CPU unless options say otherwise.
 *
 * @throws {@link ArgumentError} for extents that are no whole numbers from 0, or a gradient asked of what is not f32
 * @throws {@link UnsupportedError} for a device that this build does not have, or a gradient asked of bf16
 */
export const ones = (shape: readonly number[], options: TensorOptions = {}): Tensor => filled('ones', shape, 1, options)

function filled(place: string, shape: readonly number[], value: number, options: TensorOptions): Tensor {
  checkShape(place, shape)
  checkTensorOptions(place, options, tensorOptionKeys)
  requireNumbers(place, { value })
  const result = Tensor.empty(shape, options)
  run('fill', result.target, value)
  return result
}

const tensorKeys: OptionKeys<TensorOptions & { shape?: readonly number[] | undefined }> = {
  ...tensorOptionKeys,
  shape: true,
}
