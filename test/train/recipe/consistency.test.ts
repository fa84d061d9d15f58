import { expect, test } from 'vitest'
import type { RecipeError } from '../../../lib/errors.js'
import { parseRecipe } from '../../../lib/train/recipe/recipe.js'
import { readSource, sourceFiles } from '../../helpers/source-files.js'

const whole = `name: whole
model:
  create:
    hiddenSize: 64
    intermediateSize: 128
    numLayers: 2
    numHeads: 4
    numKeyValueHeads: 2
    maxPositions: 64
data:
  synthetic:
    generator: digit-recurrence
    minSteps: 2
    maxSteps: 6
distill:
  maxSteps: 50
  batchSize: 8
  learningRate: 1e-3
  warmupSteps: 10
  cooldownSteps: 5
  until: { loss: 1, overSteps: 10 }
  curriculum: { from: 2, to: 6, overSteps: 20 }
rollout: { promptsPerStep: 4, maxPromptTokens: 16 }
schedule:
  stages:
    - { maxResponseTokens: 32, until: { steps: 2 } }
    - { maxResponseTokens: 48, until: { steps: 2 } }
`

function errorOf(text: string): RecipeError {
  try {
    parseRecipe(text, 'r.yaml')
  } catch (error) {
    return error as RecipeError
  }
  throw new Error('expected an error')
}

test('a recipe whose values fit each other is taken', () => {
  expect(parseRecipe(whole, 'r.yaml').distill?.curriculum).toEqual({ from: 2, to: 6, overSteps: 20 })
})

test.each<[string, string, string, string]>([
  [
    'heads that do not divide the width',
    'hiddenSize: 64',
    'hiddenSize: 66',
    'r.yaml:4:5: expected numHeads = 4 times a multiple of 8 up to 256 for model.create.hiddenSize, got 66',
  ],
  [
    'heads of a size that attention does not take',
    'hiddenSize: 64',
    'hiddenSize: 48',
    'r.yaml:4:5: expected numHeads = 4 times a multiple of 8 up to 256 for model.create.hiddenSize, got 48',
  ],
  [
    'key/value heads that do not divide the heads',
    'numKeyValueHeads: 2',
    'numKeyValueHeads: 3',
    'r.yaml:8:5: expected a divisor of numHeads = 4 for model.create.numKeyValueHeads, got 3',
  ],
  [
    'too few positions for prompt and response',
    'maxPositions: 64',
    'maxPositions: 63',
    'r.yaml:9:5: expected at least 64, the sum of rollout.maxPromptTokens and the largest maxResponseTokens, for ' +
      'model.create.maxPositions, got 63',
  ],
  [
    'too few positions for the evaluation',
    'maxSteps: 6',
    'maxSteps: 6\nevaluation: { maxResponseTokens: 49 }',
    'r.yaml:9:5: expected at least 65, the sum of rollout.maxPromptTokens and the largest maxResponseTokens, for ' +
      'model.create.maxPositions, got 64',
  ],
  [
    'an evaluation of shorter answers than a stage’s',
    'maxSteps: 6',
    'maxSteps: 6\nevaluation: { maxResponseTokens: 47 }',
    "r.yaml:15:15: expected at least 48, the longest stage's, for evaluation.maxResponseTokens, got 47",
  ],
  [
    'fewest steps above most steps',
    'minSteps: 2',
    'minSteps: 7',
    'r.yaml:13:5: expected at most maxSteps = 6 for data.synthetic.minSteps, got 7',
  ],
  [
    'more steps than the tokenizer counts',
    'maxSteps: 6',
    'maxSteps: 41',
    'r.yaml:14:5: expected at most 40 for data.synthetic.maxSteps, got 41',
  ],
  [
    'held-out rows beside a generator',
    '  synthetic:',
    '  heldOut: a.jsonl\n  synthetic:',
    'r.yaml:11:3: expected no data.heldOut: data.synthetic makes its own',
  ],
  [
    'pass rates of problems that a generator makes',
    '  synthetic:',
    '  difficulty: { max: 0.9 }\n  synthetic:',
    'r.yaml:11:3: expected no data.difficulty beside data.synthetic',
  ],
  [
    'a stage that selects among problems that a generator makes',
    '32, until',
    '32, select: { maxPromptTokens: 9 }, until',
    'r.yaml:26:32: expected no schedule.stages.0.select beside data.synthetic',
  ],
  [
    'a selection whose bounds are the wrong way round',
    '48, until',
    '48, select: { minPassRate: 0.9, maxPassRate: 0.1 }, until',
    'r.yaml:27:32: expected at most maxPassRate = 0.1 for select.minPassRate, got 0.9',
  ],
  [
    'a supervised phase without room for its ends',
    'cooldownSteps: 5',
    'cooldownSteps: 41',
    'r.yaml:16:3: expected at least warmupSteps + cooldownSteps for distill.maxSteps, got 50',
  ],
  [
    'a level over more steps than there are',
    'overSteps: 10',
    'overSteps: 51',
    'r.yaml:21:21: expected at most maxSteps = 50 for distill.until.overSteps, got 51',
  ],
  [
    'a curriculum that goes down',
    'from: 2, to: 6',
    'from: 4, to: 3',
    'r.yaml:22:17: expected at most to = 3 for distill.curriculum.from, got 4',
  ],
  [
    'a curriculum easier than any problem',
    'from: 2',
    'from: 1',
    'r.yaml:22:17: expected at least data.synthetic.minSteps = 2 for distill.curriculum.from, got 1',
  ],
])('%s: an error with its line', (_, from, to, message) => {
  const error = errorOf(whole.replace(from, to))
  expect(error.code).toBe('RecipeError')
  expect(error.message.split('\n')[0]).toBe(message)
})

test('files without held-out rows, without a tokenizer and with a supervised phase are three errors', () => {
  const lines = errorOf(whole.replace(/ {2}synthetic:[\s\S]*?distill:/, '  train: a.jsonl\ndistill:')).message.split(
    '\n',
  )
  expect(lines).toEqual([
    'r.yaml:2:1: missing key model.tokenizer: a model made from nothing has none',
    'r.yaml:10:1: missing key data.heldOut: every phase is evaluated on its problems',
    'r.yaml:12:1: expected data.synthetic beside distill: it needs worked solutions',
  ])
})

const ofTraining = sourceFiles('recipes', /\.yaml$/).filter((file) => !/^recipes\/(eval|sft)-/.test(file))

test.each(ofTraining)('%s is taken', (file) => {
  expect(parseRecipe(readSource(file), file).schedule.stages.length).toBeGreaterThan(0)
})

test('a stage that selects only prompts or pass rates that the run does not have is refused', () => {
  const recipe = (select: string) => `name: r
model: { path: model }
data: { train: a, heldOut: b, difficulty: { min: 0.2, max: 0.6 } }
rollout: { promptsPerStep: 4, maxPromptTokens: 16 }
schedule: { stages: [{ maxResponseTokens: 8, select: { ${select} } }] }
`
  expect(errorOf(recipe('minPassRate: 0.7')).message).toContain(
    'expected at most data.difficulty.max = 0.6 for schedule.stages.0.select.minPassRate, got 0.7',
  )
  expect(errorOf(recipe('maxPassRate: 0.1')).message).toContain(
    'expected at least data.difficulty.min = 0.2 for schedule.stages.0.select.maxPassRate, got 0.1',
  )
  expect(errorOf(recipe('minPromptTokens: 17')).message).toContain(
    'expected at most rollout.maxPromptTokens = 16 for schedule.stages.0.select.minPromptTokens, got 17',
  )
  expect(parseRecipe(recipe('minPassRate: 0.6'), 'r.yaml').data.difficulty).toMatchObject({ min: 0.2 })
})
