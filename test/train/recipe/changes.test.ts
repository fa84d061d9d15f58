import { expect, test } from 'vitest'
import { changeText, isHarmless, recipeChanges } from '../../../lib/train/recipe/changes.js'

const before = `name: a
seed: 1
objective: { clipHigh: .inf, passes: 1 }
schedule: { maxSteps: 10, stages: [{ maxResponseTokens: 8, until: { steps: 2 } }] }
`
const with_ = (from: string, to: string) => recipeChanges(before, before.replace(from, to))
const texts = (from: string, to: string) => with_(from, to).map(changeText)

test('the same values have not changed, however they are written', () => {
  expect(recipeChanges(before, before)).toEqual([])
  expect(texts('objective: { clipHigh: .inf, passes: 1 }', 'objective:\n  passes: 1 # once\n  clipHigh: .Inf')).toEqual(
    [],
  )
})

test('each key that has changed is named with its value then and now', () => {
  expect(texts('seed: 1', 'seed: 2')).toEqual(['seed was 1 and is 2'])
  expect(texts('.inf', '0.2')).toEqual(['objective.clipHigh was Infinity and is 0.2'])
  expect(texts('seed: 1\n', '')).toEqual(['seed was 1 and is not there'])
  expect(texts('until: { steps: 2 }', 'until: { steps: 3 }, reset: [optimizer]')).toEqual([
    'schedule.stages.0.until.steps was 2 and is 3',
    'schedule.stages.0.reset.0 was not there and is "optimizer"',
  ])
})

test.each([
  ['name: a', 'name: b', true],
  ['maxSteps: 10', 'maxSteps: 20', true],
  ['steps: 2', 'steps: 5', true],
  ['seed: 1', 'guard: { action: stop }\nseed: 1', true],
  ['seed: 1', 'checkpoint: { everySteps: 5 }\nseed: 1', true],
  ['seed: 1', 'model: { path: /elsewhere }\nseed: 1', true],
  ['seed: 1', 'data: { train: { path: /elsewhere } }\nseed: 1', true],
  ['seed: 1', 'seed: 2', false],
  ['passes: 1', 'passes: 2', false],
  ['maxResponseTokens: 8', 'maxResponseTokens: 9', false],
  ['seed: 1', 'data: { train: { sha256: other } }\nseed: 1', false],
  ['seed: 1', 'model: { tokenizer: /elsewhere }\nseed: 1', false],
])('from %s to %s leaves the run what it is: %s', (from, to, isSameRun) => {
  expect(with_(from, to).map(isHarmless)).toEqual([isSameRun])
})
