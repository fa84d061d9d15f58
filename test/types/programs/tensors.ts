import {
  checkpoint,
  type DType,
  device,
  noGrad,
  ones,
  ops,
  RandomStream,
  scope,
  Tensor,
  tensor,
  zeros,
} from '../../../lib/index.js'
import { typed } from './typed.js'

const x = tensor(
  [
    [1, 2],
    [3, 4],
  ],
  { requiresGrad: true },
)
typed(x).is<Tensor>()
typed(x.shape).is<readonly number[]>()
typed(x.dtype).is<DType>()
typed(x.grad).is<Tensor | null>()
typed(x.toArray()).is<Promise<Float32Array | Int32Array | Uint8Array>>()
typed(x.item()).is<Promise<number>>()
typed(zeros([2, 3], { dtype: 'bf16' })).is<Tensor>()
// @ts-expect-error a dtype that there is not
zeros([2], { dtype: 'f64' })
// @ts-expect-error a shape is a list
ones(3)
// @ts-expect-error shapes are not written to
x.shape.push(1)
// @ts-expect-error tensors come from tensor(), zeros() and ops
new Tensor()

typed(ops.add(x, x)).is<Tensor>()
typed(ops.mul(x, 2)).is<Tensor>()
typed(ops.sum(x)).is<Tensor>()
// @ts-expect-error the first operand is a tensor
ops.add(1, x)
// @ts-expect-error numbers become tensors by tensor()
ops.linear([[1]], x)
typed(ops.tokenLogprob(x, x, x)).is<ops.TokenLogprobs>()
typed(ops.tokenLogprob(x, x, x).logprobs).is<Tensor>()
typed(ops.grpoLoss({ policyLogprobs: x, rolloutLogprobs: x, advantages: x })).is<ops.GrpoResult>()

// A scope, a graph that is not recorded and a recomputed part have what their function has.
typed(scope(() => ops.mean(x))).is<Tensor>()
typed(scope(() => ({ loss: ops.mean(x), name: 'a' }))).is<{ loss: Tensor; name: string }>()
typed(noGrad(() => 3)).is<number>()
typed(checkpoint((a: Tensor) => ops.square(a), x)).is<Tensor>()
// @ts-expect-error the function takes one tensor more
checkpoint((a: Tensor, b: Tensor) => ops.add(a, b), x)

using disposed = ops.square(x)
typed(disposed.isDisposed).is<boolean>()

typed(device.memoryStats()).is<device.MemoryStats>()
typed(new RandomStream(1, 'order').uniform()).is<number>()
