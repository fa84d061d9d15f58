// Advantages, loss, gradient and statistics against TRL's GRPOTrainer on the same inputs: see make_parity.py. TRL
// computed in float64 there; differences are float32's rounding.
import { describe, expect, test } from 'vitest'
import { groupAdvantages } from '../../lib/grpo/advantage.js'
import { ops, tensor } from '../../lib/index.js'
import { readJson, relativeError } from './compare.js'

type LossType = 'grpo' | 'bnpo' | 'dapo' | 'dr_grpo' | 'cispo'

interface Case {
  name: string
  lossType: LossType
  ratio: 'token' | 'sequence'
  dualClip: number | null
  clipLow: number
  clipHigh: number | null
  beta: number
  isKlTimesRatio: boolean
  isOnPolicy: boolean
  numMicroBatches: number
  mask?: number[]
  advantages: number[]
  loss: number
  gradient: number[]
  clipFractions?: [number, number]
  kl?: number | null
}

const fixture = readJson<{
  groupSize: number
  rewards: number[]
  lengths: number[]
  limit: number
  policyLogprobs: number[]
  rolloutLogprobs: number[]
  referenceLogprobs: number[]
  cases: Case[]
  advantages: { rewards: (number | null)[]; group: number[]; batch: number[]; none: number[] }
}>('trl.json')

const { lengths, limit } = fixture
const cases = fixture.cases.filter(({ isKlTimesRatio }) => !isKlTimesRatio)
const tolerance = 1e-6
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const clipHighOf = (one: Case): number => one.clipHigh ?? Number.POSITIVE_INFINITY

/** What TRL divides by, for each of its loss types: the whole batch's, whatever the micro-batches, but for bnpo. */
function denominatorOf({ lossType, mask, numMicroBatches }: Case, tokensOfPart: number): number {
  const numTokens = mask ? sum(mask) : sum(lengths)
  const ofPart = tokensOfPart * numMicroBatches
  const ofAnswers = lengths.length
  return { grpo: ofAnswers, bnpo: ofPart, dapo: numTokens, cispo: numTokens, dr_grpo: ofAnswers * limit }[lossType]
}

/** Loss, gradient and statistics of some of the sequences. */
async function part(one: Case, { begin, end, klEstimator }: { begin: number; end: number; klEstimator: 'k2' | 'k3' }) {
  const first = sum(lengths.slice(0, begin))
  const last = sum(lengths.slice(0, end))
  const cut = (values: readonly number[]) => tensor(values.slice(first, last))
  const offsets = [0]
  for (const length of lengths.slice(begin, end)) offsets.push((offsets.at(-1) as number) + length)
  const tokensOfPart = one.mask ? sum(one.mask.slice(first, last)) : last - first
  const policyLogprobs = tensor(fixture.policyLogprobs.slice(first, last), { requiresGrad: true })
  const { loss, stats } = ops.grpoLoss(
    {
      policyLogprobs,
      rolloutLogprobs: cut(one.isOnPolicy ? fixture.policyLogprobs : fixture.rolloutLogprobs),
      advantages: tensor(one.advantages.slice(begin, end)),
      offsets: tensor(offsets, { dtype: 'i32' }),
      ...(one.mask && { mask: tensor(one.mask.slice(first, last), { dtype: 'u8' }) }),
      ...(one.beta > 0 && { referenceLogprobs: cut(fixture.referenceLogprobs) }),
    },
    {
      ratio: one.ratio,
      surrogate: one.lossType === 'cispo' ? 'cispo' : 'clipped',
      clipLow: one.clipLow,
      clipHigh: clipHighOf(one),
      dualClip: one.dualClip ?? Number.POSITIVE_INFINITY,
      aggregation: one.lossType === 'grpo' ? 'sequence' : 'token',
      denominator: denominatorOf(one, tokensOfPart),
      klWeight: one.beta,
      klEstimator,
    },
  )
  loss.backward()
  const gradient = [...((await policyLogprobs.grad?.toArray()) ?? [])]
  return { loss: await loss.item(), gradient, stats: [...(await stats.toArray())] }
}

async function whole(one: Case, klEstimator: 'k2' | 'k3' = 'k3') {
  const size = lengths.length / one.numMicroBatches
  const parts: Awaited<ReturnType<typeof part>>[] = []
  for (let begin = 0; begin < lengths.length; begin += size)
    parts.push(await part(one, { begin, end: begin + size, klEstimator }))
  const stat = (name: (typeof ops.grpoStatNames)[number]) =>
    sum(parts.map(({ stats }) => stats[ops.grpoStatNames.indexOf(name)] as number))
  return { loss: sum(parts.map(({ loss }) => loss)), gradient: parts.flatMap(({ gradient }) => gradient), stat }
}

describe('grpoLoss is the loss of TRL', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const { loss, gradient, stat } = await whole(one)
    expect(relativeError(gradient, one.gradient)).toBeLessThan(tolerance)
    // The loss is a sum of terms of either sign: its error is measured on their scale, the advantages'.
    expect(Math.abs(loss - one.loss)).toBeLessThan(tolerance * Math.max(...one.advantages.map(Math.abs)))
    const numTokens = stat('numTokens')
    expect(numTokens).toBe(one.mask ? sum(one.mask) : sum(lengths))
    // Of an answer's own ratio TRL counts answers, lengthen their tokens.
    if (one.clipFractions && one.ratio === 'token') {
      expect(stat('numClippedLow') / numTokens).toBeCloseTo(one.clipFractions[0], 6)
      expect(stat('numClippedHigh') / numTokens).toBeCloseTo(one.clipFractions[1], 6)
    }
    if (one.kl) expect(Math.abs(stat('referenceKlSum') / numTokens / one.kl - 1)).toBeLessThan(tolerance)
  })

  // TRL multiplies the KL term by the ratio unless told not to: per token r·k3(x), whose slope r·(k3(x) + 1 − e^−x) = r·x is
  // on policy that of k2. The losses differ.
  test("and the KL gradient of TRL's default is that of k2, on policy", async () => {
    const one = fixture.cases.find(({ isKlTimesRatio }) => isKlTimesRatio) as Case
    const { gradient } = await whole(one, 'k2')
    expect(relativeError(gradient, one.gradient)).toBeLessThan(tolerance)
    const { gradient: ofK3, loss } = await whole(one)
    expect(relativeError(ofK3, one.gradient)).toBeGreaterThan(0.01)
    expect(Math.abs(loss - one.loss)).toBeLessThan(tolerance * Math.max(...one.advantages.map(Math.abs)))
  })

  test('and the cases tell the options apart', () => {
    const offPolicy = cases.filter(({ isOnPolicy, clipFractions }) => !isOnPolicy && clipFractions)
    for (const { clipFractions, clipHigh, ratio } of offPolicy) {
      expect(clipFractions?.[0]).toBeGreaterThan(0)
      // Few answers' own ratios lie beyond it, and in some cases none.
      if (clipHigh !== null && ratio === 'token') expect(clipFractions?.[1]).toBeGreaterThan(0)
    }
    const one = cases[0] as Case
    for (const other of cases.slice(1)) {
      if (['micro-batches, grpo', 'micro-batches, dapo', 'micro-batches, dr_grpo'].includes(other.name)) continue
      expect(relativeError(other.gradient, one.gradient), other.name).toBeGreaterThan(1e-3)
    }
  })
})

describe('groupAdvantages is the advantage of TRL', () => {
  // TRL leaves answers without a reward out of their group's mean and gives them advantage 0; here they leave the group.
  const groups = <T>(values: readonly T[]): T[][] =>
    Array.from({ length: values.length / fixture.groupSize }, (_, i) =>
      values
        .slice(i * fixture.groupSize, (i + 1) * fixture.groupSize)
        .filter((_, j) => rewards[i * fixture.groupSize + j] !== null),
    )
  const { rewards, group, batch, none } = fixture.advantages
  const rewardGroups = groups(rewards) as number[][]

  test('without scaling', async () => {
    const actual = await groupAdvantages(rewardGroups, { normalize: 'none' })
    expect(relativeError(actual.flat(), groups(none).flat())).toBeLessThan(tolerance)
    expect(none[rewards.indexOf(null)]).toBe(0)
  })

  /** With n − 1. */
  const deviationOf = (values: readonly number[]) => {
    const mean = sum(values) / values.length
    return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1))
  }

  // TRL divides by the standard deviation + 1e-4, lengthen, as DeepScaleR did, by it + 1e-6: exactly that differs.
  test.each([
    ['group', group],
    ['batch', batch],
  ] as const)('scaled by the %s, but for what keeps the deviation from 0', async (normalize, expectedAll) => {
    const actual = await groupAdvantages(rewardGroups, { normalize })
    for (const [i, ofTrl] of groups(expectedAll).entries()) {
      const values = normalize === 'group' ? (rewardGroups[i] as number[]) : rewardGroups.flat()
      const deviation = deviationOf(values.map(Math.fround))
      const expected = ofTrl.map((advantage) => (advantage * (deviation + 1e-4)) / (deviation + 1e-6))
      expect(relativeError(actual[i] as number[], expected)).toBeLessThan(tolerance)
      if (deviation > 0 && ofTrl.some((advantage) => advantage !== 0))
        expect(relativeError(actual[i] as number[], ofTrl)).toBeGreaterThan(0.9e-4 / (deviation + 1e-4))
    }
  })

  test('equal rewards give exactly 0 in both', async () => {
    const [, equal] = await groupAdvantages(rewardGroups)
    expect(equal).toEqual([0, 0, 0, 0])
    expect(groups(group)[1]).toEqual([0, 0, 0, 0])
  })
})
