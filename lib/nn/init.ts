// First values of parameters.

import { checkOptions, type OptionKeys } from '../arguments.js'
import { tensor } from '../create.js'
import type { DType } from '../native.js'
import { RandomStream } from '../random.js'
import { Tensor, type TensorOptions } from '../tensor.js'
import { numElements } from '../tensor-data.js'

/** Makes one matrix of a module, f32 with a gradient as a rule; `deviation` is what its layer would choose. */
export interface Init {
  (shape: readonly number[], deviation: number): Tensor
  /** Of biases and norms, where it is not that of the matrices. */
  readonly vectorDtype?: DType | undefined
}

/**
 * Normal values of mean 0 and the layer's own deviation, f32 on the CPU; each parameter draws from a {@link RandomStream} of
 * its own, in the order of their making.
 * @param seed Of the streams; the same seed gives the same modules the same values.
 */
export function normalInit(seed: number): Init {
  let numMade = 0
  return (shape, deviation) => {
    const values = normalValues(numElements(shape), { seed, name: `parameter ${numMade++}`, deviation })
    return tensor(values, { shape, requiresGrad: true })
  }
}

export const defaultInit: Init = normalInit(0)

const emptyKeys: OptionKeys<Pick<TensorOptions, 'dtype' | 'device'> & { vectorDtype?: DType | undefined }> = {
  dtype: true,
  device: true,
  vectorDtype: true,
}

/**
 * Leaves values unset, for parameters that are written afterwards. Those in bf16 ask for no gradient: they are to be saved, or
 * frozen, not trained.
 */
export function emptyInit(
  options: Pick<TensorOptions, 'dtype' | 'device'> & { vectorDtype?: DType | undefined } = {},
): Init {
  checkOptions('emptyInit', options, emptyKeys)
  const { dtype, device, vectorDtype } = options
  const make = (shape: readonly number[]) => Tensor.empty(shape, { dtype, device, requiresGrad: dtype !== 'bf16' })
  return Object.assign(make, { vectorDtype })
}

/** What a bias or a norm beside the matrix is made with. */
export function vectorOptions(init: Init, { dtype: matrixDtype, device }: Tensor): TensorOptions {
  const dtype = init.vectorDtype ?? matrixDtype
  return { dtype, device, requiresGrad: dtype !== 'bf16' }
}

export function normalValues(
  count: number,
  { seed, name, deviation }: { seed: number; name: string; deviation: number },
): Float32Array {
  const random = new RandomStream(seed, name)
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = deviation * random.normal()
  return values
}

/** Evenly from −bound to bound. */
export function uniformValues(
  count: number,
  { seed, name, bound }: { seed: number; name: string; bound: number },
): Float32Array {
  const random = new RandomStream(seed, name)
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = bound * (2 * random.uniform() - 1)
  return values
}
