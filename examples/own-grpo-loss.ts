// GRPO's clipped loss with a KL term, once written from ops and once as the fused kernel: the same loss and the same gradient. Then a
// variant that the kernel does not have, in a loop of one's own: sample, score, learn.
// Run: node own-grpo-loss.ts
//
//   loss: 0.071627 from ops, 0.071627 fused
//   gradients differ by less than 1e-6 of the largest: true
//   step 1: reward 0.13
//   step 10: reward 0.82
//   step 20: reward 1.00
//   step 30: reward 1.00
//   step 40: reward 1.00
import {
  AdamW,
  answerLogprobs,
  createModel,
  type Group,
  groupAdvantages,
  microBatches,
  ops,
  RandomStream,
  RolloutEngine,
  scope,
  type Tensor,
  Tokenizer,
  tensor,
} from 'lengthen'

/** Each token's own advantage, so that nothing but elementwise ops is needed. All [T]. */
interface Tokens {
  policy: Tensor
  rollout: Tensor
  reference: Tensor
  advantages: Tensor
}

/** mean(−min(r·A, clip(r)·A) + β·(exp(d) − d − 1)) with r = exp(policy − rollout) and d = reference − policy: the k3 estimate of KL. */
function grpo({ policy, rollout, reference, advantages }: Tokens): Tensor {
  const ratio = ops.exp(ops.sub(policy, rollout))
  const clipped = ops.clamp(ratio, 0.8, 1.28)
  const surrogate = ops.minimum(ops.mul(ratio, advantages), ops.mul(clipped, advantages))
  const d = ops.sub(reference, policy)
  const kl = ops.sub(ops.sub(ops.exp(d), d), 1)
  return ops.mean(ops.sub(ops.mul(kl, 0.1), surrogate))
}

/** A soft clip: 4/τ·σ(τ(r − 1)) has slope 1 at r = 1 and flattens on both sides, so that no token's gradient is cut off at once. */
function softGrpo({ policy, rollout, advantages }: Omit<Tokens, 'reference'>): Tensor {
  const sharpness = 4
  const distance = ops.sub(ops.exp(ops.sub(policy, rollout)), 1)
  const gain = ops.mul(ops.sigmoid(ops.mul(distance, sharpness)), 4 / sharpness)
  return ops.neg(ops.mean(ops.mul(gain, advantages)))
}

// 1. Against the fused kernel: 1,000 tokens, policies apart enough that both clips are met.
const random = new RandomStream(1, 'example')
const draw = (scale: number) => Float32Array.from({ length: 1000 }, () => scale * (random.uniform() - 0.5))
const given = { rollout: tensor(draw(1)), reference: tensor(draw(1)), advantages: tensor(draw(4)) }
const logprobs = draw(1)

/** The loss that a function makes, and its gradient by the policy's log-probabilities. */
async function measured(lossOf: (policy: Tensor) => Tensor) {
  const policy = tensor(logprobs, { requiresGrad: true })
  const loss = scope(() => lossOf(policy))
  loss.backward()
  return { loss: await loss.item(), gradient: await (policy.grad as Tensor).toArray() }
}
const own = await measured((policy) => grpo({ policy, ...given }))
const fused = await measured(
  (policyLogprobs) =>
    ops.grpoLoss(
      {
        ...{ policyLogprobs, advantages: given.advantages },
        ...{ rolloutLogprobs: given.rollout, referenceLogprobs: given.reference },
      },
      { clipLow: 0.2, clipHigh: 0.28, klWeight: 0.1, klEstimator: 'k3' },
    ).loss,
)
const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
const difference = own.gradient.map((value, i) => value - (fused.gradient[i] ?? 0))
console.log(`loss: ${own.loss.toFixed(6)} from ops, ${fused.loss.toFixed(6)} fused`)
const share = largest(difference) / largest(fused.gradient)
console.log(`gradients differ by less than 1e-6 of the largest: ${share < 1e-6}`)

// 2. The variant in a loop: learn to repeat the prompt's letter four times.
const tokenizer = Tokenizer.wordLevel({
  tokens: [...'abcd?'],
  eosToken: '<end>',
  padToken: '<pad>',
  chatTemplate: '{{ messages[0].content }}',
})
const sizes = { width: 32, feedForwardWidth: 64, numLayers: 1, numHeads: 2 }
const model = createModel({ ...sizes, vocabularySize: tokenizer.vocabSize, initializerRange: 0.1 }, { seed: 1 })
const optimizer = new AdamW(model.parameters(), { learningRate: 5e-3 })
const engine = new RolloutEngine(model, tokenizer)
const sampling = { numAnswers: 16, maxResponseTokens: 6, temperature: 1 }
const score = (prompt: string, text: string) =>
  [...`${prompt[0]}`.repeat(4)].filter((letter, i) => text[i] === letter).length / 4

for (let step = 1; step <= 40; step++) {
  const groups: Group<string>[] = []
  for await (const group of engine.generate(['a?', 'b?', 'c?', 'd?'], { ...sampling, seed: step })) groups.push(group)
  engine.release() // the cache's memory, for training
  const rewards = groups.map(({ prompt, answers }) => answers.map(({ text }) => score(prompt, text)))
  const advantages = (await groupAdvantages(rewards)).flat()
  const samples = groups.flatMap(({ promptTokens, answers }) =>
    answers.map(({ tokens, rolloutLogprobs }) => ({ promptTokens, answerTokens: tokens, rolloutLogprobs })),
  )
  for (let pass = 0; pass < 2; pass++) {
    // All answers fit into one micro-batch. With several, each loss would be its sum divided by the tokens of all.
    for (const batch of microBatches(samples, { maxTokens: 4096 })) {
      const ofTokens = batch.samples.flatMap(({ answerTokens }, i) =>
        answerTokens.map(() => advantages[batch.firstIndex + i] ?? 0),
      )
      const rollout = batch.samples.flatMap(({ rolloutLogprobs }) => [...rolloutLogprobs])
      scope(() => {
        const policy = answerLogprobs(model, batch, { temperature: 1 }).logprobs
        softGrpo({ policy, rollout: tensor(rollout), advantages: tensor(ofTokens) }).backward()
      })
    }
    optimizer.step({ maxGradNorm: 1 }).dispose()
    optimizer.zeroGrad()
  }
  const all = rewards.flat()
  const mean = all.reduce((sum, reward) => sum + reward, 0) / all.length
  if (step === 1 || step % 10 === 0) console.log(`step ${step}: reward ${mean.toFixed(2)}`)
}
