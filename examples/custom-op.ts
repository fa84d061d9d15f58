// An op of one's own with its gradient: the soft cap cap·tanh(x / cap), whose derivative is 1 − (y / cap)². The gradient is checked
// against finite differences of the values, and the op is used in a loss that is minimised.
// Run: node custom-op.ts
//
//   the gradient is right to 1e-3: true
//   found    -1.95, 0.00, 0.51, 1.95
//   expected -1.95, 0.00, 0.51, 1.95
import { AdamW, defineOp, noGrad, ops, RandomStream, scope, type Tensor, tensor } from 'lengthen'

/** Keeps values within ±cap, and leaves small ones almost as they are. */
const softCap = (x: Tensor, cap: number): Tensor =>
  defineOp({
    name: 'soft_cap',
    forward: (ctx, x: Tensor) => {
      const y = ops.mul(ops.tanh(ops.div(x, cap)), cap)
      ctx.save(y)
      return y
    },
    backward: (ctx, dy) => {
      const y = ctx.saved[0]
      return [ops.mul(dy, ops.add(ops.neg(ops.square(ops.div(y, cap))), 1))]
    },
  })(x)

/** The largest difference between backward() and (f(x + h) − f(x − h)) / 2h, as a share of the largest derivative. */
async function gradientError(f: (x: Tensor) => Tensor, values: readonly number[]): Promise<number> {
  const x = tensor([...values], { requiresGrad: true })
  scope(() => f(x).backward())
  const gradient = await (x.grad as Tensor).toArray()
  const h = 1e-2 // in float32 a smaller step has more rounding than slope
  const at = (i: number, step: number) =>
    noGrad(() => scope(() => f(tensor(values.with(i, (values[i] ?? 0) + step))))).item()
  const errors = await Promise.all(
    values.map(async (_, i) => Math.abs(((await at(i, h)) - (await at(i, -h))) / (2 * h) - (gradient[i] ?? 0))),
  )
  return Math.max(...errors) / Math.max(...gradient.map(Math.abs))
}

const random = new RandomStream(1, 'values')
const values = Array.from({ length: 20 }, () => 3 * random.normal())
const weights = tensor(values.map(() => random.normal()))
const weighted = (x: Tensor) => ops.sum(ops.mul(softCap(x, 2), weights))
console.log(`the gradient is right to 1e-3: ${(await gradientError(weighted, values)) < 1e-3}`)

// In a loss: which numbers does the cap turn into these?
const targets = [-1.5, 0, 0.5, 1.5]
const wanted = tensor(targets)
const x = tensor([0, 0, 0, 0], { requiresGrad: true })
const optimizer = new AdamW([x], { learningRate: 0.1, weightDecay: 0 })
for (let step = 1; step <= 200; step++) {
  scope(() => {
    ops.mean(ops.square(ops.sub(softCap(x, 2), wanted))).backward()
    optimizer.step()
    optimizer.zeroGrad()
  })
}
const text = (numbers: Iterable<number>) => Array.from(numbers, (number) => number.toFixed(2)).join(', ')
console.log(`found    ${text(await x.toArray())}`)
console.log(`expected ${text(targets.map((y) => 2 * Math.atanh(y / 2)))}`)
