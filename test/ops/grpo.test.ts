import { describe, expect, test } from 'vitest'
import { ops, type Tensor, tensor } from '../../lib/index.js'
import { gradcheck, randomTensor } from '../reference/gradcheck.js'

const ints = (values: number[]) => tensor(values, { dtype: 'i32' })

describe('tokenLogprob', () => {
  test.each([{ temperature: 1 }, { temperature: 0.6 }])('both results have their gradient: %j', async (options) => {
    const inputs = [randomTensor('hidden', [4, 6]), randomTensor('weight', [11, 6])]
    const targets = ints([10, 0, 3, 3])
    const both = (hidden: Tensor, weight: Tensor) => ops.tokenLogprob(hidden, weight, targets, options)
    await gradcheck((h, w) => both(h, w).logprobs, inputs)
    await gradcheck((h, w) => both(h, w).entropy, inputs)
    await gradcheck((h, w) => Object.values(both(h, w)) as Tensor[], inputs)
  })

  test('equals log-softmax of the product', async () => {
    const [hidden, weight] = [randomTensor('hidden', [3, 4]), randomTensor('weight', [5, 4])]
    const logits = await ops.linear(hidden, weight).toArray()
    const { logprobs, entropy } = ops.tokenLogprob(hidden, weight, ints([1, 4, 0]))
    const [actual, actualEntropy] = await Promise.all([logprobs.toArray(), entropy.toArray()])
    for (const [row, target] of [1, 4, 0].entries()) {
      const exps = [...logits.slice(row * 5, row * 5 + 5)].map(Math.exp)
      const p = exps.map((e) => e / exps.reduce((a, b) => a + b))
      expect(actual[row]).toBeCloseTo(Math.log(p[target] as number), 5)
      expect(actualEntropy[row]).toBeCloseTo(-p.reduce((sum, q) => sum + q * Math.log(q), 0), 5)
    }
  })
})

test('sampleToken draws by seed, sequence and position alone, and reports the log-probability of tokenLogprob', async () => {
  const [hidden, weight] = [randomTensor('hidden', [3, 4]), randomTensor('weight', [50, 4])]
  const draw = (rows: Tensor, ids: number[], positions: number[], seed: number) =>
    ops.sampleToken(rows, weight, { sequenceIds: ints(ids), positions: ints(positions) }, { temperature: 0.7, seed })
  const all = draw(hidden, [5, 6, 7], [1, 2, 3], 1)
  const alone = draw(hidden.slice(1, 2), [6], [2], 1)
  expect((await all.tokens.toArray())[1]).toBe(await alone.tokens.item())
  const scored = ops.tokenLogprob(hidden, weight, all.tokens, { temperature: 0.7 })
  expect(await scored.logprobs.toArray()).toEqual(await all.logprobs.toArray())
})

describe('groupAdvantage', () => {
  // Group 1: mean 0.5, deviation with n − 1 is √(1/3) = 0.57735; 0.5 / 0.577351 = 0.866024. Group 2 is equal, group 3 single.
  test('by hand', async () => {
    const advantages = ops.groupAdvantage(tensor([1, 0, 1, 0, 1, 1, 0]), ints([0, 4, 6, 7]))
    const expected = [0.866024, -0.866024, 0.866024, -0.866024, 0, 0, 0]
    ;(await advantages.toArray()).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5)
    })
    const plain = ops.groupAdvantage(tensor([1, 0]), ints([0, 2]), { normalize: 'none' })
    expect(await plain.toArray()).toEqual(Float32Array.of(0.5, -0.5))
  })

  test('knows the older name of the group’s deviation, and asks for the lengths that it needs', async () => {
    const [rewards, offsets] = [tensor([1, 0, 1, 0]), ints([0, 3, 4])]
    const by = async (normalize: 'group' | 'std') => ops.groupAdvantage(rewards, offsets, { normalize }).toArray()
    expect(await by('std')).toEqual(await by('group'))
    expect(() => ops.groupAdvantage(rewards, offsets, { normalize: 'tokens' })).toThrow(
      "[group_advantage] expected a tensor, as normalize is 'tokens', for lengths, got none",
    )
    const lengths = ints([1, 2, 3, 0])
    const whitened = await ops.groupAdvantage(rewards, offsets, { normalize: 'tokens', lengths }).toArray()
    const mean = (1 * (whitened[0] as number) + 2 * (whitened[1] as number) + 3 * (whitened[2] as number)) / 6
    expect(mean).toBeCloseTo(0, 6)
  })
})

describe('grpoLoss', () => {
  const inputs = (policyLogprobs: Tensor) => ({
    policyLogprobs,
    rolloutLogprobs: tensor([-1, -1, -1, -1]),
    advantages: tensor([1, -1]),
    offsets: ints([0, 2, 4]),
  })

  // Ratios 1: each token's loss is −A, so tokens give (−1 −1 +1 +1) / 4 = 0 and the gradient −A / 4.
  test('on policy by hand', async () => {
    const policy = tensor([-1, -1, -1, -1], { requiresGrad: true })
    const { loss, stats } = ops.grpoLoss(inputs(policy))
    loss.backward()
    expect(await loss.item()).toBe(0)
    expect(await policy.grad?.toArray()).toEqual(Float32Array.of(-0.25, -0.25, 0.25, 0.25))
    const named = Object.fromEntries([...(await stats.toArray())].map((value, i) => [ops.grpoStatNames[i], value]))
    expect(named).toMatchObject({ numTokens: 4, numSequences: 2, ratioSum: 4, maxLogprobDifference: 0 })
  })

  test('has the gradient of its formula, with a mask, a reference and either mean', async () => {
    const policy = randomTensor('policy', [4], { low: -1.1, high: -0.95 })
    const mask = tensor([1, 1, 0, 1], { dtype: 'u8' })
    const referenceLogprobs = tensor([-1.5, -0.5, -1, -1])
    for (const aggregation of ['token', 'sequence'] as const) {
      const options = { aggregation, denominator: 3, klWeight: 0.1 }
      await gradcheck((p) => ops.grpoLoss({ ...inputs(p), mask, referenceLogprobs }, options).loss, [policy])
    }
  })

  test.each([
    { ratio: 'sequence', clipHigh: 0.01 },
    { ratio: 'product', dualClip: 1.1 },
    { dualClip: 1.05, clipHigh: 0.01 },
  ] as const)('has it with %j', async (changes) => {
    const policy = randomTensor('policy', [4], { low: -1.1, high: -0.95 })
    const mask = tensor([1, 1, 0, 1], { dtype: 'u8' })
    for (const aggregation of ['token', 'sequence'] as const) {
      const options = { ...changes, aggregation, denominator: 3 }
      await gradcheck((p) => ops.grpoLoss({ ...inputs(p), mask }, options).loss, [policy])
    }
  })

  // Not that of its value: the ratio has none. −clip(r)·A, with r = e^0.1 clipped to 1.05 and e^−0.1 to 0.95.
  test('has the gradient of the log-probability alone with cispo', async () => {
    const policy = tensor([-0.9, -1.1, -1, -1.1], { requiresGrad: true })
    const options = { surrogate: 'cispo', clipLow: 0.05, clipHigh: 0.05, denominator: 1 } as const
    const { loss } = ops.grpoLoss(inputs(policy), options)
    loss.backward()
    expect(await loss.item()).toBeCloseTo(1.05 * 0.9 + 0.95 * 1.1 - 1 - 0.95 * 1.1, 5)
    const gradient = (await policy.grad?.toArray()) as Float32Array
    ;[-1.05, -0.95, 1, 0.95].forEach((slope, i) => {
      expect(gradient[i]).toBeCloseTo(slope, 5)
    })
  })

  test('counts the mask where no denominator is given', async () => {
    const mask = tensor([1, 1, 0, 1], { dtype: 'u8' })
    const given = tensor([-1.1, -0.9, Number.NaN, -1], { requiresGrad: true })
    const counted = tensor([-1.1, -0.9, Number.NaN, -1], { requiresGrad: true })
    const { loss: expected } = ops.grpoLoss({ ...inputs(given), mask }, { denominator: 3 })
    const { loss, stats } = ops.grpoLoss({ ...inputs(counted), mask })
    expected.backward()
    loss.backward()
    expect(await loss.item()).toBeCloseTo(await expected.item(), 6)
    const gradient = (await given.grad?.toArray()) as Float32Array
    ;(await counted.grad?.toArray())?.forEach((value, i) => {
      expect(value).toBeCloseTo(gradient[i] as number, 6)
    })
    expect((await stats.toArray())[0]).toBe(3)
  })

  test('is 0 without a gradient where the mask leaves nothing', async () => {
    const policy = tensor([-1, -2, -1, -1], { requiresGrad: true })
    const { loss } = ops.grpoLoss({ ...inputs(policy), mask: tensor([0, 0, 0, 0], { dtype: 'u8' }) })
    loss.backward()
    expect(await loss.item()).toBe(0)
    expect(await policy.grad?.toArray()).toEqual(new Float32Array(4))
  })

  test('takes an advantage for each token where there are no offsets', async () => {
    const values = [-1.1, -0.9, -1.2, -1]
    const [packed, single] = [tensor(values, { requiresGrad: true }), tensor(values, { requiresGrad: true })]
    const { offsets: _, ...rest } = { ...inputs(single), advantages: tensor([1, 1, -1, -1]) }
    const [{ loss: expected }, { loss }] = [ops.grpoLoss(inputs(packed)), ops.grpoLoss(rest)]
    expected.backward()
    loss.backward()
    expect(await loss.item()).toBeCloseTo(await expected.item(), 6)
    expect(await single.grad?.toArray()).toEqual(await packed.grad?.toArray())
    expect(() => ops.grpoLoss({ ...rest, advantages: tensor([1, -1]) })).toThrow(
      '[grpo_loss] expected an advantage for each of the 4 tokens, or offsets, got 2 advantages without',
    )
    expect(() => ops.grpoLoss(rest, { aggregation: 'sequence' })).toThrow(/expected offsets for 'sequence', got none/)
  })
})
