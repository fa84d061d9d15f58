import { beforeAll, describe, expect, test, vi } from 'vitest'
import { answerRows, type ScoredAnswer } from '../../lib/eval/answer-rows.js'
import { groupAdvantages } from '../../lib/grpo/advantage.js'
import { scoreAnswers } from '../../lib/grpo/forward.js'
import { modelReference } from '../../lib/grpo/reference.js'
import type { Completion } from '../../lib/grpo/sample.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { AdamW } from '../../lib/optim/adamw.js'
import { RolloutEngine } from '../../lib/rollout/engine.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { type UpdateOptions, update } from '../../lib/train/update.js'
import { digitModel, digitProblems, digitShare, digitTokenizer, weightsOf } from './tiny-run.js'

const options: UpdateOptions = {
  objective: { temperature: 1 },
  normalize: 'std',
  miniBatches: 1,
  tokensPerMicroBatch: 1000,
  maxGradNorm: 1,
}

let tokenizer: Tokenizer
let groups: ScoredAnswer[][]
beforeAll(async () => {
  tokenizer = await digitTokenizer()
  using model = digitModel(tokenizer)
  groups = await answerRows({ engine: new RolloutEngine(model, tokenizer), tokenizer }, digitProblems.rowsOf(0, 3), {
    ...{
      turn: '{problem}',
      numAnswers: 5,
      maxResponseTokens: 10,
      maxPromptTokens: 16,
      temperature: 1,
      topK: 0,
      topP: 1,
    },
    ...{ seed: 1, reward: digitShare, rewardDeadlineMs: 1000, maxMissingShare: 0 },
  })
})

const without = (group: ScoredAnswer[], missing: number) => group.filter((_, i) => i !== missing)
const withoutScore = (group: ScoredAnswer[], missing: number) =>
  group.map((answer, i) => (i === missing ? { ...answer, score: undefined } : answer))

async function updated(trained: ScoredAnswer[][], changes: Partial<UpdateOptions> = {}) {
  using model = digitModel(tokenizer)
  using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
  using decoder = digitModel(tokenizer)
  const reference = modelReference(decoder)
  const result = await update({ model, optimizer, reference }, trained, { ...options, ...changes })
  return { result, weights: await weightsOf(model), numSteps: optimizer.numSteps, hasGradients: hasGradients(model) }
}

const hasGradients = (model: Decoder) => model.parameters().some(({ grad }) => grad !== null)

test('an answer without a score leaves its group as if it had never been sampled', async () => {
  const [first, second, third] = groups as [ScoredAnswer[], ScoredAnswer[], ScoredAnswer[]]
  const shrunk = await updated([first, withoutScore(second, 2), third])
  expect(shrunk).toEqual(await updated([first, without(second, 2), third]))
  expect(shrunk.weights).not.toEqual((await updated(groups)).weights)
})

test('a group with one score left teaches nothing, one without any is dropped', async () => {
  const [first, second] = groups as [ScoredAnswer[], ScoredAnswer[]]
  const single = second.map((answer, i) => (i === 0 ? answer : { ...answer, score: undefined }))
  const none = second.map((answer) => ({ ...answer, score: undefined }))
  const { weights, result } = await updated([first, none])
  expect(weights).toEqual((await updated([first])).weights)
  expect((await updated([first, single])).result.stats[0]?.numSequences).toBe(result.stats[0]?.numSequences)
  expect((await updated([single, none])).numSteps).toBe(0)
})

test('each mini-batch is an update, and only the first is on policy', async () => {
  const { result, numSteps } = await updated(groups, { miniBatches: 3 })
  expect(numSteps).toBe(3)
  const differences = result.stats.map(({ maxLogprobDifference }) => maxLogprobDifference)
  expect(differences).toEqual([0, expect.any(Number), expect.any(Number)])
  expect(differences[1]).toBeGreaterThan(0)
})

test.each([
  ['advantages that overflow', 3e38, '[grpo] expected a finite advantage for sample '],
  ['a loss that overflows', 2e38, /^\[grpo\] the loss of samples 0 to \d+ is /],
  ['a gradient that overflows', 1e30, "[train] the gradient's norm is Infinity; no weight was changed"],
])('%s: an error that leaves the weights as they were, and no gradients', async (_, size, message) => {
  using model = digitModel(tokenizer)
  using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
  const before = await weightsOf(model)
  const huge = groups.map((group) => group.map((answer, i) => ({ ...answer, score: i % 2 === 0 ? size : -size })))
  await expect(update({ model, optimizer }, huge, { ...options, normalize: 'none' })).rejects.toThrow(message)
  expect(await weightsOf(model)).toEqual(before)
  expect(hasGradients(model)).toBe(false)
})

test('a rollout of other weights is found out before the first update', async () => {
  using model = digitModel(tokenizer)
  using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
  await update({ model, optimizer }, groups, options)
  const moved = await weightsOf(model)
  await expect(update({ model, optimizer }, groups, options)).rejects.toMatchObject({ code: 'OffPolicyError' })
  expect(await weightsOf(model)).toEqual(moved)
  expect(hasGradients(model)).toBe(false)
})

describe('an abort', () => {
  test('stops between two updates', async () => {
    await expect(updated(groups, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped')
  })

  /** The model's forward passes, the second of which an abort falls into. */
  function abortInSecondForward(model: Decoder): { signal: AbortSignal; numForwards: () => number } {
    const controller = new AbortController()
    const forward = vi.spyOn(model, 'forward').mockImplementation((...args) => {
      if (forward.mock.calls.length === 2) controller.abort(new Error('stopped'))
      return Object.getPrototypeOf(model).forward.apply(model, args)
    })
    return { signal: controller.signal, numForwards: () => forward.mock.calls.length }
  }

  const small = { ...options, tokensPerMicroBatch: 20, objective: { temperature: 1, klWeight: 0.1 } }
  const equal = () => groups.map((group) => group.map((answer) => ({ ...answer, score: 1 })))

  test.each([
    { phase: 'gradients', of: 'model', changes: {}, answers: () => groups },
    { phase: 'reference scores', of: 'reference', changes: {}, answers: () => groups },
    {
      phase: 'the check of a step without a gradient',
      of: 'model',
      changes: { objective: { temperature: 1 } },
      answers: equal,
    },
  ] as const)(
    'in the midst of $phase stops before the next micro-batch; no weight has moved',
    async ({ of, changes, answers }) => {
      using model = digitModel(tokenizer)
      using decoder = digitModel(tokenizer)
      const reference = modelReference(decoder)
      using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
      const before = await weightsOf(model)
      const { signal, numForwards } = abortInSecondForward({ model, reference: decoder }[of])
      const stopped = update({ model, optimizer, reference }, answers(), { ...small, ...changes, signal })
      await expect(stopped).rejects.toThrow('stopped')
      expect(numForwards()).toBe(2)
      expect(await weightsOf(model)).toEqual(before)
      expect([hasGradients(model), optimizer.numSteps]).toEqual([false, 0])
    },
  )
})

test('a step of equal scores changes no weight, and still notices answers that the model did not give', async () => {
  const equal = groups.map((group) => group.map((answer) => ({ ...answer, score: 1 })))
  expect((await updated(equal)).numSteps).toBe(0)
  const [first, ...others] = equal as [ScoredAnswer[], ...ScoredAnswer[][]]
  const off = first.map((answer) => ({ ...answer, rolloutLogprobs: answer.rolloutLogprobs.map((x) => x - 1e-6) }))
  await expect(updated([off, ...others])).rejects.toMatchObject({ code: 'OffPolicyError' })
})

describe('every pass over a step', () => {
  test('keeps the rollout’s log-probabilities as the old ones: only the first update is on policy', async () => {
    const { result, numSteps } = await updated(groups, { miniBatches: 2, passes: 2 })
    expect(numSteps).toBe(4)
    const moved = result.stats.map(({ rolloutKl }) => rolloutKl)
    expect(moved[0]).toBe(0)
    for (const kl of moved.slice(1)) expect(kl).toBeGreaterThan(0)
    expect(moved[2]).toBeGreaterThan(moved[1] as number)
  })

  test('is one pass where none is asked for', async () => {
    expect(await updated(groups, { passes: 1 })).toEqual(await updated(groups))
  })
})

describe('masked answers', () => {
  const masked = (group: ScoredAnswer[], at: number) =>
    group.map((answer, i) => (i === at ? { ...answer, isMasked: true } : answer))

  test('count in the advantages, and in no loss or denominator', async () => {
    const [first, second] = groups as [ScoredAnswer[], ScoredAnswer[]]
    const step = [masked(first, 1), masked(second, 4)]
    const rewards = step.map((group) => group.map(({ score }) => score as number))
    const advantages = (await groupAdvantages(rewards)).flat()
    const answers = step.flat().map((answer, i) => ({ ...answer, advantage: advantages[i] as number }))
    const counted = answers.filter(({ isMasked }) => !isMasked)
    const numTokens = (of: readonly ScoredAnswer[]) => of.reduce((sum, { tokens }) => sum + tokens.length, 0)
    // On policy the loss is the mean of −A over tokens.
    const expected = counted.reduce((sum, { advantage, tokens }) => sum - advantage * tokens.length, 0)
    const { result } = await updated(step)
    expect(result.stats[0]?.loss).toBeCloseTo(expected / numTokens(counted), 5)
    expect(result.stats[0]?.numTokens).toBe(numTokens(counted.filter(({ advantage }) => advantage !== 0)))
    expect((await updated(step)).weights).not.toEqual((await updated([first, second])).weights)
  })

  test('are not scored by the reference', async () => {
    using model = digitModel(tokenizer)
    using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
    const score = vi.fn(async (completions: readonly Completion[]) =>
      completions.map(({ answerTokens }) => new Float32Array(answerTokens.length).fill(-2)),
    )
    const step = groups.map((group) => masked(group, 0))
    const reference = { score, dispose: () => {} }
    await update({ model, optimizer, reference }, step, { ...options, objective: { temperature: 1, klWeight: 0.1 } })
    expect(score).toHaveBeenCalledTimes(1)
    expect(score.mock.calls[0]?.[0]).toHaveLength(groups.flat().length - groups.length)
  })

  test('alone teach nothing, but are still compared with the model', async () => {
    const all = groups.map((group) => group.map((answer) => ({ ...answer, isMasked: true })))
    expect((await updated(all, { objective: { temperature: 1, klWeight: 0.1 } })).numSteps).toBe(0)
    const off = all.map((group) =>
      group.map((answer) => ({ ...answer, rolloutLogprobs: answer.rolloutLogprobs.map((x) => x - 1e-6) })),
    )
    await expect(updated(off)).rejects.toMatchObject({ code: 'OffPolicyError' })
  })
})

test.each([
  ['dr-grpo', { objective: { temperature: 1, aggregation: 'constant' }, normalize: 'none', maxResponseTokens: 10 }],
  [
    'gspo',
    { objective: { temperature: 1, ratio: 'sequence', clipLow: 3e-4, clipHigh: 4e-4, aggregation: 'sequence' } },
  ],
  ['cispo', { objective: { temperature: 1, surrogate: 'cispo', clipLow: 1, clipHigh: 4 } }],
  ['rloo', { objective: { temperature: 1, ratio: 'product', aggregation: 'sequence' }, baseline: 'leave-one-out' }],
  ['reinforce++', { objective: { temperature: 1, dualClip: 3 }, baseline: 'none', normalize: 'tokens' }],
  ['micro-batches by themselves', { objective: { temperature: 1, microBatches: 'sum' }, tokensPerMicroBatch: 30 }],
] as const satisfies [string, Partial<UpdateOptions>][])(
  '%s: raises the log-probability of what was better, with the same bits twice',
  async (_, changes) => {
    const one = await updated(groups, { ...changes, miniBatches: 2, passes: 2 })
    expect(one.result.stats).toHaveLength(4)
    expect(one).toEqual(await updated(groups, { ...changes, miniBatches: 2, passes: 2 }))
    using model = digitModel(tokenizer)
    using optimizer = new AdamW(model.parameters(), { learningRate: 1e-3, weightDecay: 0 })
    await update({ model, optimizer }, groups, { ...options, ...changes })
    const answers = groups.flat().map(({ promptTokens, tokens }) => ({ promptTokens, answerTokens: tokens }))
    const after = await scoreAnswers(model, answers, { temperature: 1, maxTokens: 1000 })
    const rewards = groups.map((group) => group.map(({ score }) => score as number))
    const advantages = (await groupAdvantages(rewards, { normalize: 'none' })).flat()
    const rise = groups.flat().reduce((total, { rolloutLogprobs }, i) => {
      const differences = rolloutLogprobs.map((before, t) => (after[i]?.[t] as number) - before)
      return total + (advantages[i] as number) * differences.reduce((sum, x) => sum + x, 0)
    }, 0)
    expect(rise).toBeGreaterThan(0)
  },
)

describe('the KL term and the entropy', () => {
  const equal = () => groups.map((group) => group.map((answer) => ({ ...answer, score: 1 })))

  test.each(['k1', 'k2', 'k3'] as const)('%s to the reference is 0 before the first update, then is not', async (k) => {
    const objective = { temperature: 1, klWeight: 0.1, klEstimator: k }
    const { result } = await updated(groups, { objective, passes: 2 })
    const [first, second] = result.stats
    expect(first?.referenceKl).toBe(0)
    expect(Math.abs(second?.referenceKl as number)).toBeGreaterThan(1e-6)
  })

  test('a large KL weight keeps the policy nearer to the reference', async () => {
    const distance = async (klWeight: number) => {
      const objective = { temperature: 1, klWeight, klEstimator: 'k3' as const }
      const { result } = await updated(groups, { objective, passes: 6 })
      return result.stats.at(-1)?.rolloutKl as number // the reference is the rollout's policy
    }
    expect(await distance(100)).toBeLessThan((await distance(0)) / 2)
  })

  test('the entropy term raises the entropy, with nothing else to learn from', async () => {
    const objective = { temperature: 1, entropyWeight: 0.1 }
    const { result, numSteps } = await updated(equal(), { objective, passes: 4 })
    expect(numSteps).toBe(4)
    const entropies = result.stats.map(({ entropy }) => entropy)
    expect(entropies.at(-1)).toBeGreaterThan(entropies[0] as number)
  })

  test('answers of advantage 0 count in both, and in neither where both are off', async () => {
    const numAll = groups.flat().length
    const objective = { temperature: 1, klWeight: 0.1 }
    expect((await updated(equal(), { objective })).result.stats[0]?.numSequences).toBe(numAll)
    expect((await updated(equal())).result.stats).toEqual([])
  })

  test('a KL term without a reference is an error', async () => {
    using model = digitModel(tokenizer)
    using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
    const objective = { temperature: 1, klWeight: 0.1 }
    await expect(update({ model, optimizer }, groups, { ...options, objective })).rejects.toThrow(/reference model/)
  })
})

test('layers that are recomputed in backward give the same bits', async () => {
  const changes = { miniBatches: 2, objective: { temperature: 1, klWeight: 0.1, entropyWeight: 0.01 } }
  expect(await updated(groups, { ...changes, useRecompute: true })).toEqual(await updated(groups, changes))
})
