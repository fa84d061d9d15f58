import { expect, test } from 'vitest'
import { momentBytes } from '../../../lib/train/plan/moment-size.js'
import { parseRecipe } from '../../../lib/train/recipe/recipe.js'

const recipe = (moments: string) =>
  parseRecipe(
    `name: a
model: { path: m }
data: { train: a, heldOut: b }
rollout: { promptsPerStep: 1 }
optimizer: { moments: ${moments} }
schedule: { stages: [{ maxResponseTokens: 8 }] }
`,
    'r.yaml',
  )

test('moments are two floats a weight, or two bytes and two floats a block of 256, but for the embedding’s', () => {
  const weights = { numTrained: 4096 + 1000, numKept: 1000 }
  expect(momentBytes(recipe('f32'), weights)).toBe(8 * 5096)
  expect(momentBytes(recipe('8bit'), weights)).toBe(8 * 1000 + 2 * 4096 + 2 * 4 * 16)
})
