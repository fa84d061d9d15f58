// Small help for backward functions made of several native ops.
import { call, type NativeArgument, type NativeTensor, native, run } from '../native.js'
import { hasShape } from '../tensor-data.js'

/** Calls an op whose first argument is a temporary, which ends here. */
export function consume(name: string, temporary: NativeTensor, ...args: NativeArgument[]): NativeTensor {
  const result = call(name, temporary, ...args)
  temporary.dispose()
  return result
}

export function zerosLike({ shape, dtype, device }: NativeTensor): NativeTensor {
  const result = native.empty(shape, dtype, device)
  run('fill', result, 0)
  return result
}

/** The gradient of an operand that was broadcast: summed to its shape. */
export function sumTo(gradient: NativeTensor, shape: readonly number[]): NativeTensor {
  return hasShape(gradient.shape, shape) ? gradient : consume('sum_to', gradient, shape)
}
