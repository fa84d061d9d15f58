import { describe, expect, test } from 'vitest'
import { messageOf } from '../../../lib/errors.js'
import { methodNames, methods, plainSettings } from '../../../lib/train/recipe/methods.js'
import { parseRecipe, recipeToYaml } from '../../../lib/train/recipe/recipe.js'

const recipeOf = (objective: string, stage = '') => `name: r
model: { path: model }
data: { train: a, heldOut: b }
rollout: { promptsPerStep: 4 }
objective: { ${objective} }
schedule:
  stages:
    - { maxResponseTokens: 64, until: { steps: 1 } }
    - { maxResponseTokens: 128${stage} }
`

const parsed = (objective: string, stage?: string) => parseRecipe(recipeOf(objective, stage), 'r.yaml')

function messageFor(objective: string, stage?: string): string {
  try {
    parsed(objective, stage)
  } catch (error) {
    return messageOf(error)
  }
  throw new Error('expected an error')
}

describe('a method', () => {
  test.each([...methodNames])(
    '%s gives the keys that are left out their defaults, and reads back the same',
    (method) => {
      const recipe = parsed(`method: ${method}`)
      expect(recipe.objective).toMatchObject({ ...plainSettings, ...methods[method], method })
      const yaml = recipeToYaml(recipe)
      expect(parseRecipe(yaml, 'again.yaml')).toEqual(recipe)
      // The resolved recipe says everything: it would mean the same if a method came to stand for something else.
      expect(parseRecipe(yaml.replace(/^ *method: .*\n/m, ''), 'plain.yaml').objective).toEqual({
        ...recipe.objective,
        method: undefined,
      })
    },
  )

  test('lets every key be set beside it', () => {
    const own = 'klWeight: 0, aggregation: token, clipHigh: .inf, normalize: std'
    expect(parsed(`method: grpo, ${own}`).objective).toMatchObject({
      ...{ klWeight: 0, aggregation: 'token', clipHigh: Number.POSITIVE_INFINITY, normalize: 'std', baseline: 'group' },
    })
    expect(parsed('method: gspo, dualClip: 3', ', dualClip: 4').schedule.stages[1]).toMatchObject({ dualClip: 4 })
  })

  test('is not needed: then it is the token mean of the clipped loss', () => {
    expect(parsed('').objective).toMatchObject(plainSettings)
    expect(parsed('').objective).not.toHaveProperty('method')
  })

  test('stands in the mode’s way nowhere', () => {
    expect(parsed('method: bnpo, mode: deepscaler').objective).toMatchObject({ microBatches: 'sum' })
    expect(parsed('mode: deepscaler').objective).toMatchObject({ ...plainSettings, microBatches: 'sum' })
  })
})

describe('what is wrong is told at its key', () => {
  test.each([
    ['method: GRPO', 'r.yaml:5:14: expected one of grpo, dr-grpo, bnpo, dapo, gspo, cispo, rloo, reinforce++, reinfo'],
    ['method: toString', 'r.yaml:5:14: expected one of grpo,'],
    ['methods: grpo', 'r.yaml:5:14: unknown key "methods" in objective; did you mean "method"?'],
    ['mode: verl', 'r.yaml:5:14: expected deepscaler for objective.mode, got "verl"'],
    ['ratio: answer', 'expected one of token, sequence, product for objective.ratio, got "answer"'],
    ['dualClip: 1', 'expected more than 1 for objective.dualClip, got 1'],
    ['method: cispo, dualClip: 3', 'r.yaml:5:29: expected no objective.dualClip beside the surrogate cispo'],
    [
      'method: reinforce++, normalize: group',
      'r.yaml:5:35: expected tokens or none, as baseline is none, for objective.normalize, got group',
    ],
    [
      'mode: deepscaler, microBatches: mean',
      'expected sum, as mode is deepscaler, for objective.microBatches, got mean',
    ],
  ])('%s', (objective, message) => {
    expect(messageFor(objective)).toContain(message)
  })

  test('a stage’s too', () => {
    expect(messageFor('method: cispo', ', dualClip: 3')).toContain('expected no schedule.stages.1.dualClip beside the')
    expect(messageFor('', ', dualClip: 0.5')).toContain('more than 1 for schedule.stages.1.dualClip, got 0.5')
  })
})
