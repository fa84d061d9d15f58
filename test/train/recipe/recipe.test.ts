import { expect, test } from 'vitest'
import type { RecipeError } from '../../../lib/errors.js'
import { parseRecipe, recipeToYaml } from '../../../lib/train/recipe/recipe.js'

const small = `# a recipe
name: small
model:
  path: models/qwen
data:
  { train: train.jsonl, heldOut: held-out.jsonl }
rollout:
  promptsPerStep: 48
  temperature: 0.6
schedule:
  stages:
    - maxResponseTokens: 40
      until: { steps: 14 }
    - maxResponseTokens: 54
`

function errorOf(text: string, set: string[] = []): RecipeError {
  try {
    parseRecipe(text, 'r.yaml', { set })
  } catch (error) {
    return error as RecipeError
  }
  throw new Error('expected an error')
}

const changed = (from: string, to: string) => small.replace(from, to)

test('defaults are filled in', () => {
  const recipe = parseRecipe(small, 'r.yaml')
  expect(recipe).toMatchObject({
    name: 'small',
    seed: 1,
    rollout: { promptsPerStep: 48, numAnswers: 8, temperature: 0.6 },
    objective: { clipLow: 0.2, aggregation: 'token' },
    optimizer: { learningRate: 1e-6, betas: [0.9, 0.999] },
    evaluation: { samplesPerProblem: 4 },
    reward: { kind: 'math', deadlineMs: 10_000 },
  })
  expect(recipe.schedule.stages).toEqual([{ maxResponseTokens: 40, until: { steps: 14 } }, { maxResponseTokens: 54 }])
})

test('a resolved recipe written as YAML reads back the same', () => {
  const recipe = parseRecipe(small, 'r.yaml', {
    set: ['optimizer.learningRate=1e-9', 'name="0x10"', 'data.prompt="a: b #"'],
  })
  expect(parseRecipe(recipeToYaml(recipe), 'resolved.yaml')).toEqual(recipe)
})

test('an unknown key names the nearest known one and its place', () => {
  const error = errorOf(changed('temperature', 'temprature'))
  expect(error.message).toBe('r.yaml:9:3: unknown key "temprature" in rollout; did you mean "temperature"?')
  expect(error).toMatchObject({ code: 'RecipeError', line: 9, column: 3, key: 'rollout.temprature' })
  expect(errorOf(changed('rollout:', 'rolout:')).message).toMatch(
    /^r\.yaml:7:1: unknown key "rolout"; did you mean "rollout"\?/,
  )
})

test('an unknown key that is like no other gets the list', () => {
  expect(errorOf(changed('{ train:', '{ zebra: 1, train:')).message).toBe(
    'r.yaml:6:5: unknown key "zebra" in data; known are train, heldOut, heldOutSets, columns, answerAfter, maxBadRows, synthetic, difficulty, prompt',
  )
})

test('an unknown key in a stage of the list is found', () => {
  expect(errorOf(changed('{ steps: 14 }', '{ step: 14 }')).message).toMatch(
    /^r\.yaml:13:16: unknown key "step" in schedule\.stages\.0\.until; did you mean "steps"\?/,
  )
})

test.each<[string, string, string, string]>([
  [
    'text for a number',
    'promptsPerStep: 48',
    'promptsPerStep: many',
    'r.yaml:8:3: expected a number for rollout.promptsPerStep, got "many"',
  ],
  [
    'a fraction for a count',
    'promptsPerStep: 48',
    'promptsPerStep: 4.5',
    'r.yaml:8:3: expected a whole number for rollout.promptsPerStep, got 4.5',
  ],
  [
    'too small a number',
    'promptsPerStep: 48',
    'promptsPerStep: 0',
    'r.yaml:8:3: expected at least 1 for rollout.promptsPerStep, got 0',
  ],
  [
    'a number that must not be reached',
    'temperature: 0.6',
    'temperature: 0',
    'r.yaml:9:3: expected more than 0 for rollout.temperature, got 0',
  ],
  [
    'nothing for a number',
    'temperature: 0.6',
    'temperature:',
    'r.yaml:9:3: expected a number for rollout.temperature, got null',
  ],
  [
    'not a number',
    'temperature: 0.6',
    'temperature: .nan',
    'r.yaml:9:3: expected a number for rollout.temperature, got NaN',
  ],
  [
    'a word of no choice',
    'name: small',
    'name: small\ndtype: f23',
    'r.yaml:3:1: expected one of f32, bf16 for dtype, got "f23"',
  ],
  [
    'a value for a section',
    'train: train.jsonl',
    'synthetic: train.jsonl',
    'r.yaml:6:5: expected a section with keys for data.synthetic, got "train.jsonl"',
  ],
  [
    'a device of no kind',
    'name: small',
    'name: small\ndevice: gpu',
    'r.yaml:3:1: expected cpu, cuda or cuda:N for device, got "gpu"',
  ],
  [
    'a beta of 1',
    'name: small',
    'name: small\noptimizer: { betas: [0.9, 1] }',
    'r.yaml:3:27: expected less than 1 for optimizer.betas.1, got 1',
  ],
  [
    'a reference to reset, which the objective has not',
    'maxResponseTokens: 54',
    'maxResponseTokens: 54\n      reset: [reference]',
    'r.yaml:15:15: expected a klWeight above 0 beside schedule.stages.1.reset.0: reference',
  ],
  [
    'a decay without an end',
    'name: small',
    'name: small\noptimizer: { learningRateSchedule: { decay: cosine } }',
    'r.yaml:3:14: expected steps in learningRateSchedule, the end of its cosine decay',
  ],
  [
    'a stage’s warm-up longer than its decay',
    'maxResponseTokens: 54',
    'maxResponseTokens: 54\n      learningRateSchedule: { steps: 3, warmupSteps: 4 }',
    'r.yaml:15:7: expected at least warmupSteps = 4 for learningRateSchedule.steps, got 3',
  ],
  [
    'a mean length that no answer can have',
    '{ steps: 14 }',
    '{ answerLength: { above: 40, forSteps: 3 } }',
    'r.yaml:13:7: expected a share below 1 of maxResponseTokens or fewer tokens than its 40 for ' +
      'until.answerLength.above, got 40',
  ],
  [
    'a plateau of one step',
    '{ steps: 14 }',
    '{ rewardPlateau: { overSteps: 1, slopeBelow: 0 } }',
    'r.yaml:13:7: expected a whole number of at least 2 for until.rewardPlateau.overSteps, got 1',
  ],
  [
    'something to reset that is not there',
    'maxResponseTokens: 54',
    'maxResponseTokens: 54\n      reset: [optimiser]',
    'r.yaml:15:15: expected one of optimizer, dataOrder, reference for schedule.stages.1.reset.0, got "optimiser"',
  ],
  [
    'a list too short',
    'name: small',
    'name: small\noptimizer: { betas: [0.9] }',
    'r.yaml:3:14: expected at least 2 entries for optimizer.betas, got [0.9]',
  ],
  ['a missing key', '  promptsPerStep: 48\n', '', 'r.yaml:7:1: missing key rollout.promptsPerStep, expected a number'],
  [
    'neither of two choices',
    'path: models/qwen',
    'tokenizer: t',
    'r.yaml:3:1: expected exactly one of path, create, got none',
  ],
  [
    'a name with a slash',
    'name: small',
    'name: ../small',
    'r.yaml:2:1: expected letters, digits, ".", "_" or "-" for name, got "../small"',
  ],
  [
    'a shrinking limit',
    'maxResponseTokens: 54',
    'maxResponseTokens: 30',
    'r.yaml:14:7: expected at least 40 for maxResponseTokens, the limit of the stage before, got 30; where a shorter context is meant, say mayShrink: true',
  ],
  [
    'an endless stage',
    '      until: { steps: 14 }\n',
    '',
    'r.yaml:12:7: expected until: only the last stage may have no end',
  ],
])('%s is an error with its line', (_, from, to, message) => {
  expect(errorOf(changed(from, to)).message).toBe(message)
})

test('every problem is told, in the order of the lines', () => {
  const text = changed('temperature: 0.6', 'temperature: hot').replace('name: small', 'nam: small')
  expect(errorOf(text).message.split('\n')).toEqual([
    'r.yaml:2:1: unknown key "nam"; did you mean "name"?',
    'r.yaml:9:3: expected a number for rollout.temperature, got "hot"',
    'r.yaml: missing key name, expected text',
  ])
})

test('text that is not YAML, a key given twice and an empty file are errors with a place', () => {
  expect(errorOf('a: [1, 2\nb: 3').message).toMatch(/^r\.yaml:2:1: not YAML: /)
  expect(errorOf(changed('temperature', 'promptsPerStep')).message).toMatch(
    /^r\.yaml:9:3: not YAML: Map keys must be unique/,
  )
  expect(errorOf('').message).toMatch(/missing key name/)
  expect(errorOf('- 1').message).toMatch(/expected a section with keys for the recipe, got \[1\]/)
})

test('a bomb of aliases is refused', () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) => `l${i + 1}: &l${i + 1} [${new Array(9).fill(`*l${i}`).join(', ')}]`,
  )
  expect(errorOf(`l0: &l0 [x]\n${levels.join('\n')}`).message).toMatch(/alias/)
})

test('--set replaces, adds and reaches into lists; the last one wins', () => {
  const set = [
    'rollout.temperature=1',
    'seed=3',
    'seed=4',
    'schedule.stages.1.maxResponseTokens=64',
    'objective.clipHigh=0.28',
  ]
  const recipe = parseRecipe(small, 'r.yaml', { set })
  expect([recipe.rollout.temperature, recipe.seed, recipe.objective.clipHigh]).toEqual([1, 4, 0.28])
  expect(recipe.schedule.stages[1]?.maxResponseTokens).toBe(64)
  const list = parseRecipe(small, 'r.yaml', {
    set: ['schedule.stages.2={ maxResponseTokens: 70 }', 'schedule.stages.1.until.steps=3'],
  })
  expect(list.schedule.stages.slice(1)).toEqual([
    { maxResponseTokens: 54, until: { steps: 3 } },
    { maxResponseTokens: 70 },
  ])
})

test.each<[string, string]>([
  [
    'rollout.temprature=1',
    '--set rollout.temprature=1: unknown key "temprature" in rollout; did you mean "temperature"?',
  ],
  ['rollout.topK=many', '--set rollout.topK=many: expected a number for rollout.topK, got "many"'],
  ['rollout=3', '--set rollout=3: expected a section with keys for rollout, got 3'],
  ['rollout.topK.x=3', '--set rollout.topK.x=3: expected a number for rollout.topK, got {"x":3}'],
  ['seed.x=3', '--set seed.x=3: expected a number for seed, got {"x":3}'],
  ['rollout.temperature.x=3', '--set rollout.temperature.x=3: rollout.temperature is a value and has no keys'],
  [
    'schedule.stages.7.learningRate=1',
    '--set schedule.stages.7.learningRate=1: expected a place from 0 to 2 in the list schedule.stages, got 7',
  ],
  ['schedule.stages.x=1', '--set schedule.stages.x=1: expected a place from 0 to 2 in the list schedule.stages, got x'],
  ['seed', '--set seed: expected key=value'],
  ['=3', '--set =3: expected key=value'],
  ['seed=[1', '--set seed=[1: not YAML'],
])('--set %s is an error that names the flag', (setting, message) => {
  expect(errorOf(small, [setting]).message.startsWith(message), errorOf(small, [setting]).message).toBe(true)
})

test('--set does not reach the prototype of anything', () => {
  expect(errorOf(small, ['__proto__.polluted=1']).message).toMatch(/unknown key "__proto__"/)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('a stage may have settings of its own, and any of the conditions', () => {
  const text = changed(
    '      until: { steps: 14 }',
    `      numAnswers: 16
      temperature: 0.8
      clipHigh: 0.28
      klWeight: 0.001
      learningRate: 1e-6
      learningRateSchedule: { decay: cosine, steps: 14 }
      reset: [optimizer, dataOrder, reference]
      until:
        steps: 14
        truncatedShare: { above: 0.06, forSteps: 5 }
        answerLength: { above: 0.75, forSteps: 5 }
        rewardPlateau: { overSteps: 50, slopeBelow: 1e-4 }`,
  )
  expect(parseRecipe(text, 'r.yaml').schedule.stages[0]).toMatchObject({
    learningRateSchedule: { decay: 'cosine', steps: 14, warmupSteps: 0 },
    reset: ['optimizer', 'dataOrder', 'reference'],
    until: { steps: 14, rewardPlateau: { overSteps: 50, slopeBelow: 1e-4 } },
  })
})

test('a data set may be a path or a section, and a mistake in the section is named as any other', () => {
  const of = (data: string) => {
    try {
      return parseRecipe(changed('{ train: train.jsonl, heldOut: held-out.jsonl }', data), 'r.yaml').data
    } catch (error) {
      return (error as Error).message
    }
  }
  const train = '{ path: org/name, subset: main, split: train, columns: { problem: question }, answerAfter: "####" }'
  expect(of(`{ train: ${train}, heldOut: b.csv, maxBadRows: 3 }`)).toMatchObject({
    train: { path: 'org/name', subset: 'main', columns: { problem: 'question' }, answerAfter: '####' },
    ...{ heldOut: 'b.csv', maxBadRows: 3 },
  })
  expect(of('{ train: { path: a, colums: {} }, heldOut: b }')).toMatch(
    /unknown key "colums" in data\.train; did you mean "columns"\?$/,
  )
  expect(of('{ train: a, heldOutSets: { x: { path: a, splitt: b } } }')).toMatch(/did you mean "split"\?$/)
  expect(of('{ train: { split: test }, heldOut: b }')).toMatch(/missing key data\.train\.path, expected text$/)
  expect(of('{ train: 3, heldOut: b }')).toMatch(/expected text or a section with keys for data\.train, got 3$/)
  expect(of('{ train: { path: a, maxBadRows: -1 }, heldOut: b }')).toMatch(
    /expected at least 0 for data\.train\.maxBadRows, got -1$/,
  )
})
