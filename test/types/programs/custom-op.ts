import { defineOp, ops, type Tensor } from '../../../lib/index.js'
import { some, typed } from './typed.js'

const x = some<Tensor>()

// What the op takes and gives is read off forward.
const one = defineOp({
  name: 'one',
  forward: (ctx, a: Tensor) => {
    ctx.save(a)
    return ops.square(a)
  },
  backward: (ctx, dy) => {
    typed(dy).is<Tensor>()
    typed(ctx.saved[0]).is<Tensor>()
    return [ops.mul(dy, ctx.saved[0])]
  },
})
typed(one).is<(a: Tensor) => Tensor>()
typed(one(x)).is<Tensor>()
// @ts-expect-error an input is missing
one()
// @ts-expect-error one input too many
one(x, x)
// @ts-expect-error inputs are tensors
one(3)

const two = defineOp({
  name: 'two',
  forward: (_ctx, a: Tensor, b: Tensor) => [ops.add(a, b), ops.sub(a, b)],
  backward: (_ctx, da, db) => [da ?? null, db ?? null],
})
typed(two(x, x)).is<Tensor[]>()

const none = { name: 'none', forward: (_: unknown, a: Tensor) => a }
// @ts-expect-error backward is missing
defineOp(none)
// @ts-expect-error backward gives a list, one gradient for each input
defineOp({ ...none, backward: (_ctx, dy) => dy })
// @ts-expect-error a gradient is a tensor or null
defineOp({ ...none, backward: () => [undefined] })
// @ts-expect-error forward gives tensors
defineOp({ name: 'number', forward: (_ctx, _a: Tensor) => 3, backward: () => [null] })
// @ts-expect-error forward does not wait
defineOp({ name: 'late', forward: async (_ctx, a: Tensor) => a, backward: () => [null] })
