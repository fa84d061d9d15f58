// What a projection and its adapter are together: one matrix.
import type { LoraAdapter } from '../../nn/lora.js'
import { add, mul } from '../../ops/binary.js'
import { cast } from '../../ops/cast.js'
import { product } from '../../ops/linear.js'
import { scope } from '../../scope.js'
import { noGrad } from '../../tape.js'
import type { Tensor } from '../../tensor.js'
import type { Decoder } from '../decoder.js'
import { adaptersOf } from './apply.js'

/** weight + scale · b · a, in the weight's dtype: a new tensor [out, in]. The sum is made in float32. */
export function mergedWeight(weight: Tensor, { a, b, scale }: LoraAdapter): Tensor {
  const sum = () => add(cast(weight, 'f32'), mul(product(b, a), scale))
  return noGrad(() => scope(() => cast(sum(), weight.dtype)))
}

/** By the parameter it is beside: what the weight of each projection with an adapter is merged with. */
export function adaptersByWeight(model: Decoder): Map<Tensor, LoraAdapter> {
  const named = model.namedParameters()
  return new Map([...adaptersOf(model)].map(([path, adapter]) => [named.get(`${path}.weight`) as Tensor, adapter]))
}
