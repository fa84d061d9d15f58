// Tensors from values.
import { ArgumentError } from './errors.js'
import { native, run } from './native.js'
import { Tensor, type TensorOptions } from './tensor.js'
import { dtypeOf, numElements, shapeText, type TensorData, toTypedArray } from './tensor-data.js'

/**
 * A tensor with the given values. The shape is that of the nested arrays unless given; the dtype that of a typed array,
 * else f32.
 */
export function tensor(
  data: TensorData,
  options: TensorOptions & { shape?: readonly number[] | undefined } = {},
): Tensor {
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

export function full(shape: readonly number[], value: number, options: TensorOptions = {}): Tensor {
  const result = Tensor.empty(shape, options)
  run('fill', result.target, value)
  return result
}

export const zeros = (shape: readonly number[], options: TensorOptions = {}): Tensor => full(shape, 0, options)

export const ones = (shape: readonly number[], options: TensorOptions = {}): Tensor => full(shape, 1, options)
