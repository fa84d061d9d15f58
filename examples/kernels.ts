// Kernels called alone and timed: flash attention over packed sequences, the fused projection to log-probabilities, and the GRPO loss, each
// forward and with its gradient. Times are medians of runs behind a warm-up; GFLOP/s count products only.
// Run: node kernels.ts [length of each sequence, 256 unless given]
//
//   2 threads, avx512; 4 sequences of 256 tokens
//   attention: forward 4.25 ms, 63 GFLOP/s
//   attention: with gradient 14.74 ms, 64 GFLOP/s
//   token_logprob: forward 21.86 ms, 197 GFLOP/s
//   token_logprob: with gradient 93.18 ms, 184 GFLOP/s
//   grpo_loss: forward 0.02 ms
//   grpo_loss: with gradient 0.04 ms
import { device, noGrad, ops, RandomStream, scope, type Tensor, tensor } from 'lengthen'

const length = Number(process.argv[2] ?? 256)
const numSequences = 4
const [T, H, K, D, C, V] = [numSequences * length, 8, 2, 64, 512, 4096]
const random = new RandomStream(1, 'values')
const normal = (shape: number[], scale = 1) => {
  const size = shape.reduce((product, extent) => product * extent, 1)
  return tensor(
    Float32Array.from({ length: size }, () => scale * random.normal()),
    { shape, requiresGrad: true },
  )
}
const integers = (values: Iterable<number>) => tensor(Int32Array.from(values))

const cuSeqlens = integers(Array.from({ length: numSequences + 1 }, (_, i) => i * length))
const [q, k, v] = [normal([T, H, D]), normal([T, K, D]), normal([T, K, D])]
const [hidden, weight] = [normal([T, C]), normal([V, C], C ** -0.5)]
const targets = integers(Array.from({ length: T }, () => random.below(V)))
const policyLogprobs = normal([T])
const rolloutLogprobs = tensor(Float32Array.from({ length: T }, () => random.normal()))
const advantages = tensor(Array.from({ length: numSequences }, () => random.normal()))

// Causal attention: a query sees half of the keys on average, in two products of D. Backward has five products for the forward's two;
// for the projection it has the logits again and two more, so four for one in all.
const pairs = (numSequences * length * (length + 1)) / 2
const kernels = [
  {
    name: 'attention',
    flops: { forward: 4 * pairs * H * D, both: 14 * pairs * H * D },
    inputs: [q, k, v],
    run: () => ops.sum(ops.attention(q, k, v, { cuSeqlens })),
  },
  {
    name: 'token_logprob',
    flops: { forward: 2 * T * C * V, both: 8 * T * C * V },
    inputs: [hidden, weight],
    run: () => ops.sum(ops.tokenLogprob(hidden, weight, targets).logprobs),
  },
  {
    name: 'grpo_loss',
    flops: undefined, // a few operations a token: memory and exponentials
    inputs: [policyLogprobs],
    run: () => ops.grpoLoss({ policyLogprobs, rolloutLogprobs, advantages, offsets: cuSeqlens }).loss,
  },
]

/** The median time of fn in milliseconds. Ops are only queued by a call; reading one number waits for all that was queued before. */
async function medianMs(fn: () => Tensor): Promise<number> {
  const times: number[] = []
  const begun = performance.now()
  for (let i = 0; i < 6 || (times.length < 25 && performance.now() - begun < 400); i++) {
    const start = performance.now()
    const result = scope(fn)
    await result.item()
    if (i > 0) times.push(performance.now() - start) // the first one warms up
    result.dispose()
  }
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN
}

const rate = (flops: number | undefined, ms: number) =>
  flops === undefined ? '' : `, ${(flops / ms / 1e6).toFixed(0)} GFLOP/s`

console.log(`${device.numThreads()} threads, ${device.target()}; ${numSequences} sequences of ${length} tokens`)
for (const { name, flops, inputs, run } of kernels) {
  const forward = await medianMs(() => noGrad(run))
  const both = await medianMs(() => {
    const loss = run()
    loss.backward()
    return loss.detach()
  })
  for (const input of inputs) {
    input.grad?.dispose()
    input.grad = null
  }
  console.log(`${name}: forward ${forward.toFixed(2)} ms${rate(flops?.forward, forward)}`)
  console.log(`${name}: with gradient ${both.toFixed(2)} ms${rate(flops?.both, both)}`)
}
