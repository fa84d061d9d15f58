// What a new tensor is asked to be, checked before memory is taken.
import { checkOptions, type OptionKeys, requireArrays, requireEach } from './arguments.js'
import { ArgumentError } from './errors.js'
import type { TensorOptions } from './tensor.js'
import { elementBytes, shapeText } from './tensor-data.js'

export const tensorOptionKeys: OptionKeys<TensorOptions> = { dtype: true, device: true, requiresGrad: true }

/** Keys, dtype and the kind of the others; whether there is such a device is for the engine to say. */
export function checkTensorOptions<Options extends TensorOptions>(
  place: string,
  options: Options,
  known: OptionKeys<Options>,
): void {
  checkOptions(place, options, known)
  const { dtype = 'f32', device = 'cpu', requiresGrad = false } = options
  requireEach(place, 'f32, bf16, i32 or u8', { dtype }, (value) => Object.hasOwn(elementBytes, value as string))
  requireEach(place, 'a name such as cpu', { device }, (value) => typeof value === 'string')
  requireEach(place, 'true or false', { requiresGrad }, (value) => typeof value === 'boolean')
}

/** Extents are whole numbers from 0. */
export function checkShape(place: string, shape: readonly number[]): void {
  requireArrays(place, { shape })
  if (shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) return
  throw new ArgumentError(`[${place}] expected whole numbers from 0 for shape, got ${shapeText(shape)}`)
}
