// A loss of one's own: direct preference optimization (Rafailov et al. 2023), −log σ(β·(margin of the policy − margin of the reference)),
// where a margin is log p(chosen) − log p(rejected). It is written from ops; the tape has the gradient.
// Run: node dpo.ts
//
//   step 1: loss 0.6931, 9 of 16 pairs in the right order
//   step 10: loss 0.2043, 16 of 16 pairs in the right order
//   step 20: loss 0.0251, 16 of 16 pairs in the right order
//   step 30: loss 0.0067, 16 of 16 pairs in the right order
//   step 40: loss 0.0033, 16 of 16 pairs in the right order
import {
  AdamW,
  answerLogprobs,
  createModel,
  microBatches,
  ops,
  scope,
  scoreAnswers,
  type Tensor,
  Tokenizer,
} from 'lengthen'

const tokenizer = Tokenizer.wordLevel({
  tokens: [...'0123456789+='],
  eosToken: '<end>',
  padToken: '<pad>',
  chatTemplate: '{{ messages[0].content }}',
})
const sizes = { width: 32, feedForwardWidth: 64, numLayers: 1, numHeads: 2 }
const model = createModel({ ...sizes, vocabularySize: tokenizer.vocabSize, initializerRange: 0.1 }, { seed: 1 })
const optimizer = new AdamW(model.parameters(), { learningRate: 3e-3 })

// Pairs: the sum is preferred to the sum and one. Chosen and rejected answers take turns.
const pairs = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].map((b) => ({ a, b })))
const completions = pairs.flatMap(({ a, b }) =>
  [a + b, a + b + 1].map((answer) => ({
    promptTokens: tokenizer.encode(`${a}+${b}=`),
    answerTokens: tokenizer.encode(`${answer}<end>`),
  })),
)
const batches = microBatches(completions, { maxTokens: 4096 }) // here a single one; every pair must be whole in its own

const beta = 0.5
const options = { temperature: 1, maxTokens: 4096 }
const sumOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0)

/** log p(chosen) − log p(rejected) of each pair, as numbers. */
async function margins(): Promise<number[]> {
  const scores = (await scoreAnswers(model, completions, options)).map(sumOf)
  return pairs.map((_, i) => (scores[2 * i] ?? 0) - (scores[2 * i + 1] ?? 0))
}

/** log σ(x) = min(x, 0) − log(1 + exp(−|x|)), which no x makes infinite. */
const logSigmoid = (x: Tensor) => ops.sub(ops.minimum(x, 0), ops.log(ops.add(ops.exp(ops.neg(ops.abs(x))), 1)))

const reference = await margins() // before the first step
for (let step = 1; step <= 40; step++) {
  const loss = scope(() => {
    let total: Tensor | undefined
    for (const batch of batches) {
      const { logprobs } = answerLogprobs(model, batch, { temperature: 1 })
      const answer = (i: number) => ops.sum(logprobs.slice(batch.offsets[i] ?? 0, batch.offsets[i + 1] ?? 0))
      for (let i = 0; i < batch.samples.length; i += 2) {
        const margin = ops.sub(answer(i), answer(i + 1))
        const gain = ops.sub(margin, reference[(batch.firstIndex + i) / 2] ?? 0)
        const term = ops.div(logSigmoid(ops.mul(gain, beta)), -pairs.length)
        total = total ? ops.add(total, term) : term
      }
    }
    const loss = total as Tensor
    loss.backward()
    optimizer.step({ maxGradNorm: 1 })
    optimizer.zeroGrad()
    return loss
  })
  const value = await loss.item()
  loss.dispose()
  if (step === 1 || step % 10 === 0) {
    const after = await margins()
    const numRight = after.filter((margin) => margin > 0).length
    console.log(`step ${step}: loss ${value.toFixed(4)}, ${numRight} of ${pairs.length} pairs in the right order`)
  }
}
