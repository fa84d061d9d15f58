import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { loadRecipe, recipeToYaml } from '../../../lib/train/recipe/recipe.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

const text = `name: files
model: { path: ../models/m }
data: { train: train.jsonl, heldOut: held-out.jsonl }
rollout: { promptsPerStep: 2 }
schedule: { stages: [{ maxResponseTokens: 8, until: { steps: 1 } }] }
`

function recipeFolder(): string {
  const folder = temporaryFolder()
  for (const name of ['recipes', 'models/m', 'elsewhere']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'recipes/r.yaml'), text)
  for (const name of ['train', 'held-out']) writeFileSync(join(folder, `recipes/${name}.jsonl`), '')
  return folder
}

test('paths start at the recipe’s file, and the resolved recipe means the same files from any folder', async () => {
  const folder = recipeFolder()
  const { recipe } = await loadRecipe(join(folder, 'recipes/r.yaml'), { set: ['seed=9'] })
  expect(recipe.seed).toBe(9)
  expect(recipe.model.path).toBe(join(folder, 'models/m'))
  expect(recipe.data).toMatchObject({
    train: join(folder, 'recipes/train.jsonl'),
    heldOut: join(folder, 'recipes/held-out.jsonl'),
  })
  const copy = join(folder, 'elsewhere/recipe.yaml')
  writeFileSync(copy, recipeToYaml(recipe))
  expect((await loadRecipe(copy)).recipe).toEqual(recipe)
})

test('a recipe that is not there, or a folder, cannot be read', async () => {
  const folder = recipeFolder()
  for (const [file, why] of [
    ['no.yaml', 'ENOENT'],
    ['recipes', 'EISDIR'],
  ] as const)
    await expect(loadRecipe(join(folder, file))).rejects.toMatchObject({
      code: 'RecipeError',
      message: expect.stringContaining(`${file}: cannot be read: ${why}`),
    })
})

test('a file that a recipe names and that is not there is an error with the line of its key', async () => {
  const file = join(recipeFolder(), 'recipes/r.yaml')
  writeFileSync(file, text.replace('held-out', 'heldout'))
  await expect(loadRecipe(file)).rejects.toMatchObject({
    ...{ code: 'RecipeError', line: 3, key: 'data.heldOut' },
    message: expect.stringContaining(
      'expected a file, a folder or the name of a downloaded data set for data.heldOut, found none at ',
    ),
  })
  await expect(loadRecipe(file, { set: ['model.path=nowhere'] })).rejects.toMatchObject({
    message: expect.stringMatching(/^--set model\.path=nowhere: expected a folder for model\.path, found none at /),
  })
  await expect(loadRecipe(file, { set: ['data.train={ path: no, split: test }'] })).rejects.toMatchObject({
    message: expect.stringMatching(
      /^--set data\.train=\{[^}]*\}: expected a file, [^:]* for data\.train\.path, found none at /,
    ),
  })
})

test('the name of a downloaded data set stays a name; a file of that name goes first', async () => {
  const folder = recipeFolder()
  const cache = temporaryFolder()
  vi.stubEnv('HF_HUB_CACHE', cache)
  onTestFinished(() => void vi.unstubAllEnvs())
  const load = async () => {
    const set = ['data.train={ path: org/set, split: train }']
    return (await loadRecipe(join(folder, 'recipes/r.yaml'), { set })).recipe.data.train
  }
  await expect(load()).rejects.toThrow(
    /name of a downloaded data set for data\.train\.path, found none at \S+org\/set$/,
  )
  mkdirSync(join(cache, 'datasets--org--set/snapshots'), { recursive: true })
  expect(await load()).toEqual({ path: 'org/set', split: 'train' })
  mkdirSync(join(folder, 'recipes/org/set'), { recursive: true })
  expect(await load()).toEqual({ path: join(folder, 'recipes/org/set'), split: 'train' })
})
