// RLOO's advantages, loss and gradient against TRL's RLOOTrainer on the same inputs: see make_parity.py. There the ratio is that
// of the whole answers' likelihoods, and every answer weighs the same.
import { describe, expect, test } from 'vitest'
import { groupAdvantages } from '../../lib/grpo/advantage.js'
import { ops, tensor } from '../../lib/index.js'
import { readJson, relativeError } from './compare.js'

interface Case {
  name: string
  clipLow: number
  clipHigh: number
  isOnPolicy: boolean
  mask: number[]
  advantages: number[]
  loss: number
  gradient: number[]
  clipFractions: [number, number]
}

const fixture = readJson<{
  groupSize: number
  lengths: number[]
  policyLogprobs: number[]
  rolloutLogprobs: number[]
  cases: Case[]
  advantages: { rewards: (number | null)[]; plain: number[]; normalised: number[] }
}>('rloo.json')

const { lengths, groupSize } = fixture
const tolerance = 1e-6

describe('the product of ratios with the mean over answers is the loss of TRL', () => {
  test.each(fixture.cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const offsets = [0]
    for (const length of lengths) offsets.push((offsets.at(-1) as number) + length)
    const policyLogprobs = tensor(fixture.policyLogprobs, { requiresGrad: true })
    const { loss } = ops.grpoLoss(
      {
        policyLogprobs,
        rolloutLogprobs: tensor(one.isOnPolicy ? fixture.policyLogprobs : fixture.rolloutLogprobs),
        advantages: tensor(one.advantages),
        offsets: tensor(offsets, { dtype: 'i32' }),
        mask: tensor(one.mask, { dtype: 'u8' }),
      },
      { ratio: 'product', aggregation: 'sequence', clipLow: one.clipLow, clipHigh: one.clipHigh },
    )
    loss.backward()
    // TRL counts masked answers in its mean too: their ratio is 1, which gives −A without a gradient.
    const numMasked = lengths.map((length, i) => one.mask.slice(offsets[i], (offsets[i] as number) + length))
    const ofMasked = one.advantages.filter((_, i) => numMasked[i]?.every((inside) => inside === 0))
    const expected = one.loss + ofMasked.reduce((total, advantage) => total + advantage, 0) / lengths.length
    const scale = Math.max(...one.advantages.map(Math.abs))
    expect(Math.abs((await loss.item()) - expected)).toBeLessThan(tolerance * scale)
    expect(relativeError([...((await policyLogprobs.grad?.toArray()) ?? [])], one.gradient)).toBeLessThan(tolerance)
  })

  test('and the cases off policy are clipped, one of them on both sides', () => {
    for (const { isOnPolicy, clipFractions } of fixture.cases) expect(Math.max(...clipFractions) > 0).toBe(!isOnPolicy)
    expect(fixture.cases.some(({ clipFractions }) => Math.min(...clipFractions) > 0)).toBe(true)
  })
})

describe('the leave-one-out baseline is that of TRL', () => {
  const { rewards, plain, normalised } = fixture.advantages
  // TRL leaves answers without a reward out of the others' mean and gives them advantage 0; here they leave the group.
  const kept = <T>(values: readonly T[]): T[][] =>
    Array.from({ length: rewards.length / groupSize }, (_, i) =>
      values.slice(i * groupSize, (i + 1) * groupSize).filter((_, j) => rewards[i * groupSize + j] !== null),
    )
  const groups = kept(rewards) as number[][]

  test('as it is', async () => {
    const actual = await groupAdvantages(groups, { baseline: 'leave-one-out', normalize: 'none' })
    expect(relativeError(actual.flat(), kept(plain).flat())).toBeLessThan(tolerance)
  })

  // Answers of one token each make the mean and the deviation of tokens those of answers; 1e-4 against 1e-6 beside the deviation.
  test('and normalised, but for what keeps the deviation from 0', async () => {
    const actual = await groupAdvantages(groups, {
      ...{ baseline: 'leave-one-out', normalize: 'tokens' },
      lengths: groups.map((group) => group.map(() => 1)),
    })
    const all = kept(plain).flat()
    const mean = all.reduce((total, value) => total + value, 0) / all.length
    const deviation = Math.sqrt(all.reduce((total, value) => total + (value - mean) ** 2, 0) / (all.length - 1))
    const expected = kept(normalised)
      .flat()
      .map((advantage) => (advantage * (deviation + 1e-4)) / (deviation + 1e-6))
    expect(relativeError(actual.flat(), expected)).toBeLessThan(tolerance)
  })
})
