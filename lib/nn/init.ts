// First values of parameters.
import { tensor } from '../create.js'
import { RandomStream } from '../random.js'
import { Tensor, type TensorOptions } from '../tensor.js'
import { numElements } from '../tensor-data.js'

/** Makes one parameter; `deviation` is what its layer would choose. */
export type Init = (shape: readonly number[], deviation: number) => Tensor

/** Normal, with the layer's own deviation; each parameter draws from a stream of its own, in the order of their making. */
export function normalInit(seed: number): Init {
  let numMade = 0
  return (shape, deviation) => {
    const values = normalValues(numElements(shape), { seed, name: `parameter ${numMade++}`, deviation })
    return tensor(values, { shape, requiresGrad: true })
  }
}

export const defaultInit: Init = normalInit(0)

/** Leaves values unset, for parameters that are written afterwards. Those in bf16 are to be saved, not trained. */
export const emptyInit =
  ({ dtype, device }: Pick<TensorOptions, 'dtype' | 'device'> = {}): Init =>
  (shape) =>
    Tensor.empty(shape, { dtype, device, requiresGrad: dtype !== 'bf16' })

export function normalValues(
  count: number,
  { seed, name, deviation }: { seed: number; name: string; deviation: number },
): Float32Array {
  const random = new RandomStream(seed, name)
  return Float32Array.from({ length: count }, () => deviation * random.normal())
}
