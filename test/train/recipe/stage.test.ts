import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseRecipe, recipeToYaml } from '../../../lib/train/recipe/recipe.js'
import { root } from '../../helpers/source-files.js'

const recipe = `name: small
model: { path: models/qwen }
data: { train: train.jsonl, heldOut: held-out.jsonl }
rollout: { promptsPerStep: 48 }
objective: { klWeight: 0.001 }
schedule:
  maxSteps: 100
  stages:
    - maxResponseTokens: 40
      until:
        minSteps: 10
        all:
          truncatedShare: { above: 0.1, forSteps: 3 }
          rewardPlateau: { overSteps: 20, slopeBelow: 0, standardErrors: 2 }
        unlessRewardFalls: { overSteps: 30, share: 0.2 }
      onPlateau: { overSteps: 20, slopeBelow: 0.001, reset: [reference, optimizer], atMost: 3 }
    - maxResponseTokens: 54
      back:
        rewardDrop: { by: 0.1, overSteps: 5 }
        minSteps: 4
        atMost: 2
        cooldownSteps: 9
        reset: [optimizer]
`

function errorOf(from: string, to: string): string {
  try {
    parseRecipe(recipe.replace(from, to), 'r.yaml')
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('expected an error')
}

test('a stage may go back and begin anew, and reads back from its own YAML', () => {
  const parsed = parseRecipe(recipe, 'r.yaml')
  expect(parsed.schedule).toEqual({
    maxSteps: 100,
    stages: [
      {
        maxResponseTokens: 40,
        until: {
          minSteps: 10,
          all: {
            truncatedShare: { above: 0.1, forSteps: 3 },
            rewardPlateau: { overSteps: 20, slopeBelow: 0, standardErrors: 2 },
          },
          unlessRewardFalls: { overSteps: 30, share: 0.2 },
        },
        onPlateau: { overSteps: 20, slopeBelow: 0.001, reset: ['reference', 'optimizer'], atMost: 3 },
      },
      {
        maxResponseTokens: 54,
        back: {
          ...{ rewardDrop: { by: 0.1, overSteps: 5 }, minSteps: 4, atMost: 2, cooldownSteps: 9 },
          reset: ['optimizer'],
        },
      },
    ],
  })
  expect(parseRecipe(recipeToYaml(parsed), 'again.yaml')).toEqual(parsed)
})

test.each([
  ['maxSteps: 100', 'maxSteps: 0', 'r.yaml:7:3: expected at least 1 for schedule.maxSteps, got 0'],
  ['atMost: 3', 'atMosts: 3', 'r.yaml:16:85: unknown key "atMosts"'],
  [
    'reset: [optimizer]',
    'reset: [weights]',
    'expected one of optimizer, dataOrder, reference for schedule.stages.1.back',
  ],
  ['        rewardDrop: { by: 0.1, overSteps: 5 }\n', '', 'r.yaml:18:7: expected truncatedShare, answerLength, reward'],
  [
    '          truncatedShare: { above: 0.1, forSteps: 3 }\n',
    '',
    'r.yaml:10:7: expected at least 2 conditions in until.all',
  ],
  ['forSteps: 3', 'forStep: 3', 'r.yaml:13:41: unknown key "forStep"'],
  [
    'klWeight: 0.001',
    'klWeight: 0',
    'r.yaml:16:62: expected a klWeight above 0 beside schedule.stages.0.onPlateau.reset.0: reference',
  ],
])('with %s as %s the mistake stands at its key', (from, to, message) => {
  expect(errorOf(from, to)).toContain(message)
})

test('the quickstart by the controller is the quickstart but for its schedule', () => {
  const read = (name: string) => parseRecipe(readFileSync(join(root, `recipes/${name}.yaml`), 'utf8'), name)
  const { name: _, schedule: handSet, ...rest } = read('quickstart')
  const { name: __, schedule, ...others } = read('quickstart-controller')
  expect(others).toEqual(rest)
  const numSteps = handSet.stages.reduce((sum, { until }) => sum + (until?.steps ?? Number.NaN), 0)
  expect(schedule.maxSteps).toBe(numSteps)
  expect(schedule.stages.map(({ until }) => until?.steps)).toEqual([undefined, undefined, undefined])
})
