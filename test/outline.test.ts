// Every line of the public interface as it was designed, in one program on a tiny model.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  AdamW,
  checkpoint,
  contextSchedule,
  createModel,
  defineOp,
  GrpoTrainer,
  loadModel,
  mathReward,
  nn,
  noGrad,
  ops,
  pack,
  RolloutEngine,
  type Row,
  type StepMetrics,
  saveModel,
  scope,
  type Tensor,
  Tokenizer,
  tensor,
  writeWordLevelTokenizer,
} from '../lib/index.js'
import { temporaryFolder } from './helpers/temporary-folder.js'

const myOp = defineOp({
  name: 'my_op',
  forward: (ctx, a) => {
    ctx.save(a)
    return ops.exp(a)
  },
  backward: (ctx, dy) => [ops.mul(dy, ops.exp(ctx.saved[0]))],
})

class Head extends nn.Module {
  proj = new nn.Linear({ in: 16, out: 5 })
  forward(h: Tensor) {
    return this.proj.forward(h)
  }
}

test('tensors, derivatives and modules', async () => {
  const data = [1, 2, 3, 4, 5, 6]
  const x = tensor(data, { shape: [2, 3], dtype: 'f32', device: 'cpu', requiresGrad: true })
  expect([x.shape, x.dtype, x.device, x.grad]).toEqual([[2, 3], 'f32', 'cpu', null])
  expect(Array.from(await x.toArray())).toEqual(data)
  const loss = scope(() => ops.mean(ops.mul(x, x)))
  loss.backward()
  expect(await loss.item()).toBeCloseTo(91 / 6, 5)
  using y = ops.add(x, x)
  expect(y.requiresGrad).toBe(true)
  ops.sum(checkpoint((a) => myOp(ops.mul(a, 0.5)), x)).backward()
  const gradient = (await x.grad?.toArray()) as Float32Array
  data.forEach((a, i) => {
    expect(gradient[i]).toBeCloseTo(a / 3 + 0.5 * Math.exp(a / 2), 4)
  })
  const head = new Head()
  expect([...head.namedParameters().keys()]).toContain('proj.weight')
  expect(head.forward(tensor(new Float32Array(32), { shape: [2, 16] })).shape).toEqual([2, 5])
})

async function modelFolder({ maxPositions = 64 } = {}): Promise<string> {
  const folder = join(temporaryFolder(), 'model')
  await writeWordLevelTokenizer(folder, {
    ...{ tokens: [...'0123456789+='], eosToken: '<end>', padToken: '<pad>' },
    chatTemplate: '{% for message in messages %}{{ message.content }}{% endfor %}',
  })
  const tokenizer = await Tokenizer.load(folder)
  using model = createModel(
    {
      ...{ vocabularySize: 14, width: 16, feedForwardWidth: 24, numLayers: 1, numHeads: 2, numKvHeads: 1, headSize: 8 },
      ...{ maxPositions, normEpsilon: 1e-6, ropeTheta: 10_000, isHeadTied: true, initializerRange: 0.1 },
    },
    { seed: 1 },
  )
  await saveModel(folder, { model, tokenizer })
  return folder
}

test('a model, its log-probabilities and its optimizer', async () => {
  const dir = await modelFolder()
  const { model, tokenizer } = await loadModel(dir, { dtype: 'f32', device: 'cpu' })
  const sequences = [tokenizer.encode('1+1=2'), tokenizer.encode('12+3=15')]
  const batch = pack(sequences)
  expect(noGrad(() => model.forward(batch)).requiresGrad).toBe(false)
  const hidden = model.forward(batch)
  expect(hidden.shape).toEqual([12, 16])
  const targets = tensor(
    sequences.flatMap((sequence) => [...sequence.slice(1), 0]),
    { dtype: 'i32' },
  )
  const { logprobs, entropy } = ops.tokenLogprob(hidden, model.head, targets, { temperature: 0.6 })
  expect(entropy.shape).toEqual([12])
  ops.neg(ops.mean(logprobs)).backward()
  const before = await model.head.toArray()
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-6, weightDecay: 0.01 })
  optimizer.step({ maxGradNorm: 1 })
  optimizer.zeroGrad()
  await saveModel(dir, { model, tokenizer })
  const again = await loadModel(dir)
  expect(await again.model.head.toArray()).toEqual(await model.head.toArray())
  expect(await again.model.head.toArray()).not.toEqual(before)
})

test('sampling, advantages and the loss', async () => {
  const { model, tokenizer } = await loadModel(await modelFolder())
  const engine = new RolloutEngine(model, tokenizer, { cacheBytes: 2e9 })
  const { signal } = new AbortController()
  const prompts = ['1+1=', '2+3=']
  const sampling = { numAnswers: 3, maxResponseTokens: 8, temperature: 0.6, seed: 1, signal }
  let numGroups = 0
  for await (const group of engine.generate(prompts, sampling)) {
    numGroups++
    const [answer] = group.answers
    expect(answer?.rolloutLogprobs).toHaveLength(answer?.tokens.length ?? 0)
    expect(answer?.finishReason).toMatch(/^(stop|length)$/)
  }
  expect(numGroups).toBe(2)

  const rewards = tensor([1, 0, 0, 1])
  const groupOffsets = tensor([0, 2, 4], { dtype: 'i32' })
  const advantages = ops.groupAdvantage(rewards, groupOffsets, { normalize: 'std' })
  const policyLogprobs = tensor([-1, -2, -1, -2], { requiresGrad: true }) // answers of a token each
  const rolloutLogprobs = policyLogprobs.detach()
  const mask = tensor([1, 1, 0, 1], { dtype: 'u8' })
  const { loss, stats } = ops.grpoLoss(
    { policyLogprobs, rolloutLogprobs, advantages, mask },
    { clipLow: 0.2, clipHigh: 0.2 },
  )
  loss.backward()
  expect((await stats.toArray())[0]).toBe(3)
  const gradient = await policyLogprobs.grad?.toArray()
  expect(gradient?.[0]).toBeCloseTo(-Math.SQRT1_2 / 3, 5)
  expect(gradient?.[2]).toBe(0)
})

test('a schedule is pure, and a trainer carries it out', async () => {
  const { model, tokenizer } = await loadModel(await modelFolder({ maxPositions: 26_000 }))
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-6 })
  const schedule = contextSchedule([
    { maxResponseTokens: 8192, until: { steps: 1040 } },
    {
      maxResponseTokens: 16384,
      numAnswers: 16,
      reset: ['optimizer', 'reference'],
      until: { truncatedShare: { above: 0.06, forSteps: 20 } },
    },
    { maxResponseTokens: 24576 },
  ])
  const data: Row[] = ['1+1=', '1+2=', '2+2='].map((problem, i) => ({ id: problem, problem, answer: String(i + 2) }))
  const out = join(temporaryFolder(), 'runs/a')
  const trainer = new GrpoTrainer({
    model,
    tokenizer,
    data,
    reward: mathReward(),
    schedule,
    optimizer,
    seed: 1,
    out,
  })
  const { signal } = new AbortController()
  const seen: [number, number][] = []
  for await (const step of trainer.run({ signal })) if (seen.push([step.reward, step.stage]) === 2) break
  expect(seen.map(([, stage]) => stage)).toEqual([0, 0])
  const metrics = { truncatedShare: 0, meanTokens: 5500, reward: 0.3 }
  const { state, stage, why } = schedule.next(schedule.initialState, metrics)
  expect([state.stageSteps, stage?.maxResponseTokens, why]).toEqual([1, 8192, undefined])
})

test('the same on a model of few positions, to its end', async () => {
  const { model, tokenizer } = await loadModel(await modelFolder())
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-6 })
  const schedule = contextSchedule([
    { maxResponseTokens: 4, until: { steps: 2 } },
    {
      ...{ maxResponseTokens: 8, numAnswers: 4, reset: ['optimizer', 'reference'] },
      until: { truncatedShare: { above: 0.06, forSteps: 2 } },
    },
    { maxResponseTokens: 12, until: { steps: 1 } },
  ])
  const data: Row[] = ['1+1=', '1+2=', '2+2='].map((problem, i) => ({ id: problem, problem, answer: String(i + 2) }))
  const out = join(temporaryFolder(), 'runs/a')
  const trainer = new GrpoTrainer({ model, tokenizer, data, reward: mathReward(), schedule, optimizer, seed: 1, out })
  const steps: StepMetrics[] = []
  for await (const step of trainer.run({ signal: new AbortController().signal })) steps.push(step)
  expect(steps.map(({ stage }) => stage).slice(0, 3)).toEqual([0, 0, 1])
  expect(readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(steps.length)
})
