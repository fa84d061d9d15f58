import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { promptsOf } from '../../../lib/data/prompt.js'
import { isSelected } from '../../../lib/data/select/select-rows.js'
import { listedRows } from '../../../lib/data/synthetic/listed-rows.js'
import { modularSumSource } from '../../../lib/data/synthetic/modular-sum-source.js'
import { buildTokenizer } from '../../../lib/train/build.js'
import { loadRecipe, parseRecipe, type Recipe, recipeToYaml } from '../../../lib/train/recipe/recipe.js'
import { loadTinyRecipe, tinyRecipe } from '../../../lib/train/recipe/tiny.js'
import { root } from '../../helpers/source-files.js'

const names = readdirSync(join(root, 'recipes')).flatMap((file) => /^(?!sft-|eval-)(.*)\.yaml$/.exec(file)?.[1] ?? [])
const load = async (name: string): Promise<Recipe> =>
  (await loadRecipe(join(root, 'recipes', `${name}.yaml`), { mayLackFiles: true })).recipe

const recipe = (text: string): Recipe =>
  parseRecipe(
    `name: any
model: { path: model }
data: { train: train.jsonl, heldOut: held-out.jsonl }
rollout: { promptsPerStep: 128 }
${text}`,
    'any.yaml',
  )
const tiny = (text: string): Recipe => tinyRecipe(recipe(text))
const oneStage = 'schedule: { stages: [{ maxResponseTokens: 8192, until: { steps: 100 } }] }'

describe.each(names)('%s', (name) => {
  test('shrinks to a recipe that reads back as itself, and is left as it was', async () => {
    const whole = await load(name)
    const before = structuredClone(whole)
    const shrunk = tinyRecipe(whole)
    expect(whole).toEqual(before)
    expect(parseRecipe(recipeToYaml(shrunk), 'tiny.yaml')).toEqual(shrunk)
    expect(tinyRecipe(whole)).toEqual(shrunk)
  })

  test('keeps what it asks of objective, rewards, sampling and schedule', async () => {
    const whole = await load(name)
    const shrunk = tinyRecipe(whole)
    const { miniBatches: _, passes: __, tokensPerMicroBatch: ___, adaptiveEntropy, ...objective } = whole.objective
    expect(shrunk.objective).toMatchObject(objective)
    expect(shrunk.objective.adaptiveEntropy === undefined).toBe(adaptiveEntropy === undefined)
    const { temperature, topK, topP } = whole.rollout
    expect(shrunk.rollout).toMatchObject({ temperature, topK, topP })
    expect(shrunk.rollout.dynamicSampling === undefined).toBe(whole.rollout.dynamicSampling === undefined)
    const { overlongPenalty, ...reward } = whole.reward
    expect(shrunk.reward).toMatchObject(reward)
    expect(shrunk.reward.overlongPenalty?.weight).toBe(overlongPenalty?.weight)
    expect([shrunk.guard, shrunk.memory]).toEqual([whole.guard, whole.memory])
    const kept = ({ reset, mayShrink, temperature, klWeight, entropyWeight, until, select }: Stage) => ({
      ...{ reset, mayShrink, temperature, klWeight, entropyWeight },
      until: Object.keys({ steps: 1, ...until }).sort(),
      select: Object.keys(select ?? {}).sort(),
    })
    expect(shrunk.schedule.stages.map(kept)).toEqual(whole.schedule.stages.map(kept))
  })
})

type Stage = Recipe['schedule']['stages'][number]

test('limits keep their proportion, and a run has three steps or one for each of more stages', () => {
  const limits = (text: string) =>
    tiny(text).schedule.stages.map(({ maxResponseTokens, until }) => [maxResponseTokens, until])
  const steps = (count: number) => ({ steps: count })
  expect(limits(oneStage)).toEqual([[32, steps(3)]])
  const stages = (...tokens: number[]) =>
    `schedule: { stages: [${tokens.map((limit) => `{ maxResponseTokens: ${limit}, until: { steps: 9 } }`).join(', ')}] }`
  expect(limits(stages(8192, 16384))).toEqual([
    [16, steps(2)],
    [32, steps(2)],
  ])
  expect(limits(stages(1, 2, 4, 8)).map(([limit]) => limit)).toEqual([1, 2, 4, 8]) // short as they are
  expect(limits(stages(10, 1000)).map(([limit]) => limit)).toEqual([1, 32])
})

test('a last stage without an end has one', () => {
  expect(tiny('schedule: { stages: [{ maxResponseTokens: 100 }] }').schedule.stages[0]?.until).toEqual({ steps: 3 })
})

test('conditions stay, over as few steps as they can be judged by, and what goes back or begins anew within a stage does', () => {
  const { stages, maxSteps } = tiny(`objective: { klWeight: 0.1 }
schedule:
  maxSteps: 5000
  stages:
    - maxResponseTokens: 1000
      until:
        truncatedShare: { above: 0.06, forSteps: 20 }
        answerLength: { above: 999, forSteps: 10 }
        rewardPlateau: { overSteps: 50, slopeBelow: 0.001, standardErrors: 1 }
        all: { truncatedShare: { above: 0.1, forSteps: 5 }, answerLength: { above: 0.5, forSteps: 5 } }
        minSteps: 100
        unlessRewardFalls: { overSteps: 40, standardErrors: 2 }
    - maxResponseTokens: 2000
      until: { steps: 500 }
      back: { rewardDrop: { by: 0.1, overSteps: 30 }, minSteps: 60, atMost: 4, cooldownSteps: 50 }
      onPlateau: { overSteps: 40, slopeBelow: 0, reset: [optimizer, reference], atMost: 3 }
`).schedule
  expect(stages[0]?.until).toEqual({
    truncatedShare: { above: 0.06, forSteps: 2 },
    answerLength: { above: 15, forSteps: 2 }, // below the limit of 16
    rewardPlateau: { overSteps: 3, slopeBelow: 0.001, standardErrors: 1 },
    all: { truncatedShare: { above: 0.1, forSteps: 2 }, answerLength: { above: 0.5, forSteps: 2 } },
    ...{ minSteps: 2, unlessRewardFalls: { overSteps: 10, standardErrors: 2 }, steps: 2 },
  })
  expect(stages[1]).toMatchObject({
    back: { rewardDrop: { by: 0.1, overSteps: 2 }, minSteps: 2, atMost: 1, cooldownSteps: 2 },
    onPlateau: { overSteps: 2, slopeBelow: 0, reset: ['optimizer', 'reference'], atMost: 3 },
  })
  expect(maxSteps).toBe(6) // two stages, and one once more
})

test('answers a prompt keep their proportion from 4 to 6, and fewer are left alone', () => {
  const counts = (whole: number, ...ofStages: number[]) => {
    const stages = ofStages.map((count) => `{ maxResponseTokens: 9, numAnswers: ${count}, until: { steps: 1 } }`)
    const text = recipeToYaml(recipe(`schedule: { stages: [${stages.join(', ')}] }`)).replace(
      /numAnswers: 8/,
      `numAnswers: ${whole}`,
    )
    const { rollout, schedule } = tinyRecipe(parseRecipe(text, 'any.yaml'))
    return [rollout.numAnswers, ...schedule.stages.map(({ numAnswers }) => numAnswers)]
  }
  expect(counts(8, 16, 64)).toEqual([4, 4, 6])
  expect(counts(16, 12, 16)).toEqual([6, 5, 6])
  expect(counts(2, 4, 3)).toEqual([2, 4, 3])
})

test('the buffer of a penalty stays shorter than the shortest stage', () => {
  const bufferOf = (tokens: number) =>
    tiny(`reward: { overlongPenalty: { bufferTokens: ${tokens} } }
schedule: { stages: [{ maxResponseTokens: 1000, until: { steps: 1 } }, { maxResponseTokens: 4000 }] }`).reward
      .overlongPenalty?.bufferTokens
  expect([bufferOf(500), bufferOf(999), bufferOf(1)]).toEqual([4, 7, 1])
})

test('warm-ups and decays are as much of the run as before', () => {
  const { optimizer, schedule } = tiny(`optimizer:
  learningRate: 2e-6
  learningRateSchedule: { decay: cosine, steps: 200, warmupSteps: 50, finalFraction: 0.1 }
schedule:
  stages:
    - { maxResponseTokens: 100, until: { steps: 100 }, learningRate: 1e-6, learningRateSchedule: { warmupSteps: 1 } }`)
  expect(optimizer.learningRateSchedule).toEqual({ decay: 'cosine', steps: 6, warmupSteps: 2, finalFraction: 0.1 })
  expect(optimizer.learningRate).toBeCloseTo(1e-3, 12)
  expect(schedule.stages[0]?.learningRate).toBeCloseTo(5e-4, 12)
  expect(schedule.stages[0]?.learningRateSchedule).toMatchObject({ warmupSteps: 1 })
})

test('adapters keep what they are multiplied by, and a folder of them becomes new ones', () => {
  const model = (text: string) => tinyRecipe(recipeWithModel(text)).model
  expect(model('lora: { rank: 32, alpha: 128, targets: [q_proj] }')).toMatchObject({
    lora: { rank: 8, alpha: 32, targets: ['q_proj'] },
    baseDtype: 'f32',
  })
  expect(model('lora: { rank: 4, alpha: 6 }')).toMatchObject({ lora: { rank: 4, alpha: 6 } })
  expect(model('adapter: adapters, baseDtype: bf16')).toMatchObject({ lora: { rank: 8, alpha: 16 }, baseDtype: 'bf16' })
  expect(model('adapter: adapters').adapter).toBeUndefined()
})

const recipeWithModel = (model: string): Recipe =>
  parseRecipe(
    `name: any
model: { path: model, ${model} }
data: { train: train.jsonl, heldOut: held-out.jsonl }
rollout: { promptsPerStep: 128 }
${oneStage}`,
    'any.yaml',
  )

describe('prompts’ bounds', () => {
  const select = (...bounds: string[]) =>
    tiny(`schedule:
  stages:
${bounds.map((bound) => `    - { maxResponseTokens: 100, until: { steps: 1 }, select: { ${bound} } }`).join('\n')}`)

  test('become quantiles of the rows, and what was cut in two still is', async () => {
    const { schedule, data, seed } = select(
      'maxPromptTokens: 100',
      'minPromptTokens: 101',
      'minPromptTokens: 50, maxPromptTokens: 100',
    )
    const bounds = schedule.stages.map(({ select }) => select)
    expect(bounds).toEqual([{ maxPromptTokens: 6 }, { minPromptTokens: 7 }, { minPromptTokens: 5, maxPromptTokens: 6 }])
    const section = data.synthetic as NonNullable<typeof data.synthetic>
    const rows = listedRows(modularSumSource(section, { seed }), section.numRows as number)
    const tokenizer = await buildTokenizer({ recipe: select('maxPromptTokens: 9'), file: 'any.yaml' })
    const lengths = new Map(
      (await promptsOf(rows, { turn: data.prompt, tokenizer, maxTokens: 16 })).map((tokens, i) => [
        rows[i],
        tokens.length,
      ]),
    )
    const about = {
      numPromptTokens: (row: (typeof rows)[number]) => lengths.get(row) as number,
      leftOut: new Set<string>(),
    }
    const shares = bounds.map((bound) => rows.filter((row) => isSelected(row, bound ?? {}, about)).length / rows.length)
    for (const [i, share] of [2 / 3, 1 / 3, 1 / 3].entries())
      expect(Math.abs((shares[i] as number) - share)).toBeLessThan(0.15)
  })

  test('are halves for one cut, and pass rates stay as they are', () => {
    const { stages } = select(
      'maxPromptTokens: 300, maxPassRate: 0.9',
      'minPromptTokens: 301, minPassRate: 0.1',
    ).schedule
    expect(stages.map(({ select }) => select)).toEqual([
      { maxPromptTokens: 5, maxPassRate: 0.9 },
      { minPromptTokens: 6, minPassRate: 0.1 },
    ])
  })
})

test('a generator stays one, and data sets become a list with a band of pass rates', () => {
  const { data } = tiny(oneStage)
  expect(data).toMatchObject({ synthetic: { generator: 'modular-sum', numRows: 48 }, prompt: '{problem}' })
  expect([data.train, data.heldOut]).toEqual([undefined, undefined])
})

test('--set is shrunk with the recipe, and files need not be there', async () => {
  const { recipe: shrunk } = await loadTinyRecipe(join(root, 'recipes/justrl.yaml'), {
    set: ['rollout.numAnswers=3', 'seed=7'],
  })
  expect(shrunk).toMatchObject({ name: 'justrl-tiny', seed: 7, rollout: { numAnswers: 3 } })
})
