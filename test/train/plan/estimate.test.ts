import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { comparedTotal, comparePlan, sumOf } from '../../../lib/train/plan/comparison/compare.js'
import type { Happened } from '../../../lib/train/plan/comparison/happened.js'
import { dollarsOf, type EstimateParts, estimateRun, hoursOf } from '../../../lib/train/plan/estimate.js'
import { expectationOf } from '../../../lib/train/plan/expectation.js'
import { parseHardware } from '../../../lib/train/plan/hardware/parse.js'
import { defaultUtilisation } from '../../../lib/train/plan/hardware/rates.js'
import { cpuLayout } from '../../../lib/train/plan/layout.js'
import { type Plan, planOf } from '../../../lib/train/plan/plan.js'
import { shapeOf } from '../../../lib/train/plan/plan-recipe.js'
import { deepscaler } from '../../../lib/train/plan/published/deepscaler.js'
import { gapOf } from '../../../lib/train/plan/published/gap.js'
import { publishedRunOf } from '../../../lib/train/plan/published/index.js'
import { type Rates, totalSeconds } from '../../../lib/train/plan/rates.js'
import { hardwareSite } from '../../../lib/train/plan/sites.js'
import { loadRecipe, parseRecipe } from '../../../lib/train/recipe/recipe.js'
import { root } from '../../helpers/source-files.js'
import { deepseek1p5b, tinyShape } from './shapes.js'

/** A second for everything that is counted. */
const unitRates: Rates = {
  decodeStep: () => 1,
  program: () => 0,
  prompts: (count) => count,
  prefill: ({ tokens }) => tokens,
  score: ({ tokens }) => tokens,
  train: ({ tokens }) => tokens,
  update: () => 1,
  reward: (numAnswers) => numAnswers,
}

const recipe = (changes: string[] = []) =>
  parseRecipe(
    `name: tiny
model: { path: m }
data: { train: a, heldOut: b }
rollout: { promptsPerStep: 4, numAnswers: 2, maxPromptTokens: 10 }
objective: { miniBatches: 2, passes: 3 }
schedule: { stages: [{ maxResponseTokens: 20, until: { steps: 5 } }, { maxResponseTokens: 40 }] }
evaluation: { numProblems: 6, samplesPerProblem: 2 }
`,
    'r.yaml',
    { set: changes },
  )

async function partsOf(changes: string[] = [], stated = {}): Promise<EstimateParts & { plan: Plan }> {
  const of = recipe(changes)
  const plan = planOf(of, tinyShape)
  const expectation = await expectationOf(of, { meanPromptTokens: 5, ...stated }, {})
  const site = { rates: unitRates, numDevices: 1, layout: cpuLayout, price: 2 }
  return { recipe: of, shape: tinyShape, stages: plan.stages, expectation, worked: undefined, site: () => site, plan }
}

describe('a stage', () => {
  test('at most has every answer at its limit, and learns from all of them', async () => {
    const [stage] = estimateRun(await partsOf())
    // 4 prompts of 10, 8 answers of 20: a forward and 19 steps; learned from three times, as 29 inputs each, in six updates.
    expect(stage?.atMost).toMatchObject({ sampledTokens: 160, trainedTokens: 3 * 8 * 29 })
    expect(stage?.atMost.seconds).toEqual({
      ...{ prefill: 4 + 40, decode: 19, reward: 8 },
      ...{ reference: 0, training: 3 * 8 * 29, update: 6 },
    })
  })

  test('as expected has the stated mean and share', async () => {
    const [stage] = estimateRun(await partsOf([], { meanTokens: [20], trainedShare: 0.25 }))
    expect(stage?.expected).toMatchObject({ what: 'as stated', sampledTokens: 160, trainedTokens: 0.25 * 3 * 8 * 24 })
    expect(stage?.expected.seconds).toMatchObject({ prefill: 4 + 20, training: 0.25 * 3 * 8 * 24 })
  })

  test('with a KL term scores all answers by the reference and learns from all', async () => {
    const [stage] = estimateRun(await partsOf(['objective.klWeight=0.1'], { meanTokens: [20] }))
    expect(stage?.expected.seconds).toMatchObject({ reference: 8 * 24, training: 3 * 8 * 24 })
  })

  test('that samples until its groups differ draws twice where half of them do, and at most as often as it may', async () => {
    const parts = await partsOf(['rollout.dynamicSampling={ maxRounds: 3 }'], { meanTokens: [20], trainedShare: 0.5 })
    const [stage] = estimateRun(parts)
    expect(stage?.atMost.seconds.decode).toBe(3 * 19)
    expect(stage?.expected.seconds).toMatchObject({ decode: 2 * 19, training: 3 * 8 * 24 })
  })

  test('without an end has no hours; one with an end has, and a price', async () => {
    const [first, second] = estimateRun(await partsOf())
    if (!first || !second) throw new Error('there are two stages')
    expect(hoursOf(first, first.atMost)).toBeCloseTo((5 * totalSeconds(first.atMost.seconds)) / 3600, 12)
    expect(dollarsOf(first, first.atMost)).toBeCloseTo((2 * 5 * totalSeconds(first.atMost.seconds)) / 3600, 12)
    expect([hoursOf(second, second.atMost), dollarsOf(second, second.atMost)]).toEqual([null, null])
  })
})

test('the held-out problems are answered before the first stage and after each', async () => {
  const evaluation = estimateRun(await partsOf()).at(-1)
  expect(evaluation).toMatchObject({ name: 'evaluations', count: 3 })
  expect(evaluation?.atMost).toMatchObject({ sampledTokens: 12 * 40, trainedTokens: 0 })
})

test('what is expected without a word is a stated share of the limit', async () => {
  const { expectation } = await partsOf()
  expect(expectation.lengths(0, 1000)).toMatchObject({ mean: 450, what: '45% of the limit, assumed' })
  expect(expectation.mixedShare).toBe(0.5)
})

describe('a comparison', () => {
  const step = { stage: 0, limit: 20, numSamples: 8, meanTokens: 20, maxTokens: 20 }

  test('given the lengths is right where the rates are', async () => {
    const parts = await partsOf()
    // Half of the answers taught something, in three passes: 4 · 24 inputs each.
    const steps = [1, 2].map(() => ({
      ...{ ...step, trainedTokens: 3 * 4 * 24 },
      ...{ rolloutSeconds: 4 + 20 + 19 + 8, learningSeconds: 3 * 4 * 24 + 6 },
    }))
    const happened: Happened = { steps, evaluations: [], rehearsals: [{ stage: 0, peakBytes: 5e6 }] }
    const [stage, ...rest] = comparePlan(parts, estimateRun(parts), happened)
    expect(rest).toEqual([])
    expect(stage).toMatchObject({ name: 'stage 1', count: 2, tokens: { happened: 2 * 160 } })
    expect(stage?.peakBytes).toEqual({ planned: parts.stages[0]?.memory.peak, rehearsed: 5e6 })
    expect(stage?.seconds.givenLengths).toEqual({ rollout: 2 * 51, learning: 2 * (288 + 6) })
    expect(stage?.error).toBeCloseTo(0, 12)
    expect(comparedTotal(stage ? [stage] : []).error).toBeCloseTo(0, 12)
  })

  test('says by how much the plan was off', async () => {
    const parts = await partsOf()
    const slow = { ...step, trainedTokens: 3 * 4 * 24, rolloutSeconds: 102, learningSeconds: 588 }
    const [stage] = comparePlan(parts, estimateRun(parts), { steps: [slow], evaluations: [], rehearsals: [] })
    expect(stage?.error).toBeCloseTo(-0.5, 12)
    expect(sumOf(stage?.seconds.happened ?? { rollout: 0, learning: 0 })).toBe(690)
  })
})

describe('the published run', () => {
  const load = () => loadRecipe(join(root, 'recipes/deepscaler-1.5b.yaml'), { mayLackFiles: true })

  test('is found by its sizes, and no more once they are changed', async () => {
    const loaded = await load()
    const { stages } = planOf(loaded.recipe, await shapeOf(loaded))
    expect(publishedRunOf(deepseek1p5b, stages)?.name).toBe('DeepScaleR-1.5B-Preview')
    expect(publishedRunOf(deepseek1p5b, stages.slice(1))).toBeUndefined()
    expect(publishedRunOf(tinyShape, stages)).toBeUndefined()
  })

  test('has the tokens of its first stage that arithmetic by hand gives', async () => {
    const { recipe: published } = await load()
    const plan = planOf(published, deepseek1p5b)
    const expectation = await expectationOf(published, {}, { published: deepscaler })
    const options = { shape: deepseek1p5b, utilisation: defaultUtilisation }
    const site = (stage: number) => hardwareSite(parseHardware('a100-80g:8,a100-80g:32'), stage, options)
    const of = { recipe: published, shape: deepseek1p5b, stages: plan.stages, expectation, worked: undefined, site }
    const [first] = estimateRun(of)
    // 128 prompts of 8 answers of 8,192 tokens, 1,040 times: 8.72 billion; 4,000 tokens each are expected.
    expect(1040 * (first?.atMost.sampledTokens ?? 0)).toBe(8_724_152_320)
    expect((first?.expected.sampledTokens ?? 0) / (1024 * 4000)).toBeCloseTo(1, 2)
    // Learned from once, with prompts of 1,024, without each answer's last token: 1024 · 9215 a step.
    expect(first?.atMost.trainedTokens).toBe(9_436_160)
    // 8 devices of 128 sequences, all to the limit: 8,191 steps.
    expect(first?.numDevices).toBe(8)
  })

  test('takes about 1,200 GPU hours by the count alone, and the terms add up to what is explained', () => {
    const { terms, explained, run } = gapOf(deepscaler, deepseek1p5b)
    const count = terms.slice(0, 2).reduce((sum, { gpuHours }) => sum + gpuHours, 0)
    expect(count).toBeGreaterThan(1100)
    expect(count).toBeLessThan(1300)
    expect(terms.reduce((sum, { gpuHours }) => sum + gpuHours, 0)).toBeCloseTo(explained, 6)
    for (const { gpuHours } of terms) expect(gpuHours).toBeGreaterThan(0)
    expect(run.gpuHours).toBe(3800)
  })

  test('spends 30 s a step between the parts on all of its devices', () => {
    const { terms } = gapOf(deepscaler, deepseek1p5b)
    expect(terms.at(-1)?.gpuHours).toBeCloseTo((30 * (1040 * 8 + 480 * 32 + 230 * 32)) / 3600, 9)
  })
})
