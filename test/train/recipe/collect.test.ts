import { describe, expect, test } from 'vitest'
import { messageOf } from '../../../lib/errors.js'
import { parseRecipe, recipeToYaml } from '../../../lib/train/recipe/recipe.js'

interface Sections {
  reward?: string
  objective?: string
  rollout?: string
  stage?: string
}

const recipeOf = ({ reward = '', objective = '', rollout = '', stage = '' }: Sections) => `name: r
model: { path: model }
data: { train: a, heldOut: b }
rollout: { promptsPerStep: 4${rollout} }
objective: { ${objective} }
reward: { ${reward} }
schedule:
  stages:
    - { maxResponseTokens: 64, until: { steps: 1 } }
    - { maxResponseTokens: 128${stage} }
`

const parsed = (sections: Sections) => parseRecipe(recipeOf(sections), 'r.yaml')

function messagesOf(sections: Sections): string[] {
  try {
    parsed(sections)
  } catch (error) {
    return messageOf(error).split('\n')
  }
  throw new Error('expected an error')
}

test('without a word about it, one math reward, one round and a fixed entropy bonus are meant', () => {
  const { reward, objective, rollout } = parsed({})
  expect(reward).toEqual({
    ...{ kind: 'math', mode: 'exact', needsThinkingClosed: true, deadlineMs: 10_000, maxMissingShare: 0.05 },
  })
  expect(objective).toMatchObject({ entropyWeight: 0, overlong: 'keep' })
  expect([objective.adaptiveEntropy, rollout.dynamicSampling]).toEqual([undefined, undefined])
})

test('everything of it reads back from its own YAML', () => {
  const recipe = parsed({
    rollout: ', dynamicSampling: {}',
    objective: 'overlong: mask, adaptiveEntropy: { target: 0.2, delta: 0.0001, max: 0.005 }',
    reward:
      'overlongPenalty: { bufferTokens: 16 }, parts: [{ kind: math, mode: deepscaler }, ' +
      '{ kind: format, weight: 0.1 }, { kind: module, path: ./code/brevity.mjs, export: brevity, weight: -0.5, name: brevity }]',
  })
  expect(recipe.rollout.dynamicSampling).toEqual({ maxRounds: 10 })
  expect(recipe.objective.adaptiveEntropy).toEqual({ target: 0.2, delta: 0.0001, min: 0, max: 0.005 })
  expect(recipe.reward.overlongPenalty).toEqual({ bufferTokens: 16, weight: 1 })
  expect(recipe.reward.parts).toEqual([
    { kind: 'math', weight: 1, mode: 'deepscaler' },
    { kind: 'format', weight: 0.1 },
    { kind: 'module', weight: -0.5, name: 'brevity', path: './code/brevity.mjs', export: 'brevity' },
  ])
  expect(parseRecipe(recipeToYaml(recipe), 'again.yaml')).toEqual(recipe)
})

describe('parts', () => {
  test.each<[string, string, string]>([
    ['no part', '', 'r.yaml:6:11: expected at least 1 entries for reward.parts, got []'],
    [
      'an unknown kind',
      '{ kind: length }',
      'r.yaml:6:21: expected one of math, format, module for reward.parts.0.kind, got "length"',
    ],
    [
      'an unknown key',
      '{ kind: math, weigth: 2 }',
      'r.yaml:6:33: unknown key "weigth" in reward.parts.0; did you mean "weight"?',
    ],
    [
      'a key of another kind',
      '{ kind: format, mode: exact }',
      'r.yaml:6:35: expected no mode in a part of kind format',
    ],
    [
      'code in a part that has none',
      '{ kind: math, path: a.mjs }',
      'r.yaml:6:33: expected no path in a part of kind math',
    ],
    [
      'two parts of one name',
      '{ kind: math }, { kind: math }',
      'r.yaml:6:35: expected a name of its own for reward.parts.1.name, got math',
    ],
    [
      'the name of the penalty',
      '{ kind: math, name: overlong }',
      'r.yaml:6:33: expected a name of its own for reward.parts.0.name, got overlong',
    ],
    [
      'a name that is a number',
      '{ kind: math, name: "7" }',
      'r.yaml:6:33: expected a letter, then letters, digits, "_" or "-" for reward.parts.0.name, got "7"',
    ],
    [
      'a weight without end',
      '{ kind: math, weight: .inf }',
      'r.yaml:6:33: expected a number for reward.parts.0.weight, got Infinity',
    ],
    [
      'a module without a path',
      '{ kind: module }',
      'r.yaml:6:21: missing key reward.parts.0.path: the file of the code',
    ],
    [
      'code that lies above the recipe',
      '{ kind: module, path: ../evil.mjs }',
      "r.yaml:6:35: expected a path within the recipe's own folder, not absolute and without .., for reward.parts.0.path, got ../evil.mjs",
    ],
    [
      'code that lies anywhere',
      '{ kind: module, path: /tmp/evil.mjs }',
      "r.yaml:6:35: expected a path within the recipe's own folder, not absolute and without .., for reward.parts.0.path, got /tmp/evil.mjs",
    ],
    [
      'code of another language',
      '{ kind: module, path: reward.py }',
      'r.yaml:6:35: expected a file that ends in .mjs, .js or .cjs, for reward.parts.0.path, got reward.py',
    ],
  ])('%s: an error with its line', (_, parts, message) => {
    expect(messagesOf({ reward: `parts: [${parts}]` })).toEqual([message])
  })
})

describe('settings that must fit each other', () => {
  test.each<[string, Sections, string]>([
    [
      'a buffer as long as the shortest stage',
      { reward: 'overlongPenalty: { bufferTokens: 64 }' },
      "r.yaml:6:30: expected less than 64, the shortest stage's maxResponseTokens, for reward.overlongPenalty.bufferTokens, got 64",
    ],
    [
      'dynamic sampling of single answers',
      { rollout: ', numAnswers: 1, dynamicSampling: {}' },
      'r.yaml:4:31: expected at least 2 answers a prompt, for dynamicSampling, for rollout.numAnswers, got 1',
    ],
    [
      'dynamic sampling of single answers in a stage',
      { rollout: ', dynamicSampling: {}', stage: ', numAnswers: 1' },
      'r.yaml:10:33: expected at least 2 answers a prompt, for dynamicSampling, for schedule.stages.1.numAnswers, got 1',
    ],
    [
      'bounds of the entropy weight the wrong way round',
      { objective: 'adaptiveEntropy: { target: 1, delta: 1, min: 2, max: 1 }' },
      'r.yaml:5:54: expected at most max = 1 for objective.adaptiveEntropy.min, got 2',
    ],
    [
      'an entropy weight that begins above its bounds',
      { objective: 'entropyWeight: 2, adaptiveEntropy: { target: 1, delta: 1, max: 1 }' },
      'r.yaml:5:14: expected at most adaptiveEntropy.max = 1 for objective.entropyWeight, got 2',
    ],
    [
      'an entropy weight of a stage beside the adaptive one',
      { objective: 'adaptiveEntropy: { target: 1, delta: 1, max: 1 }', stage: ', entropyWeight: 0.1' },
      'r.yaml:10:33: expected no schedule.stages.1.entropyWeight beside adaptiveEntropy, which sets it',
    ],
  ])('%s: an error with its line', (_, sections, message) => {
    expect(messagesOf(sections)).toEqual([message])
  })

  test('a buffer just below the shortest stage is taken, and single answers where every stage has more', () => {
    expect(parsed({ reward: 'overlongPenalty: { bufferTokens: 63 }' }).reward.overlongPenalty?.bufferTokens).toBe(63)
    const recipe = recipeOf({ rollout: ', numAnswers: 1, dynamicSampling: {}', stage: ', numAnswers: 2' })
    const everyStage = recipe.replace('until: { steps: 1 }', 'until: { steps: 1 }, numAnswers: 4')
    expect(parseRecipe(everyStage, 'r.yaml').rollout.dynamicSampling).toEqual({ maxRounds: 10 })
  })
})

test.each<[string, Sections, string]>([
  [
    'rounds',
    { rollout: ', dynamicSampling: { maxRounds: 0 }' },
    'at least 1 for rollout.dynamicSampling.maxRounds, got 0',
  ],
  [
    'a buffer',
    { reward: 'overlongPenalty: { bufferTokens: 0 }' },
    'at least 1 for reward.overlongPenalty.bufferTokens, got 0',
  ],
  ['a choice', { objective: 'overlong: drop' }, 'one of keep, mask for objective.overlong, got "drop"'],
  [
    'a target',
    { objective: 'adaptiveEntropy: { target: 0, delta: 1, max: 1 }' },
    'more than 0 for objective.adaptiveEntropy.target, got 0',
  ],
])('%s out of range is refused', (_, sections, message) => {
  expect(messagesOf(sections)[0]).toMatch(new RegExp(`expected ${message}$`))
})
