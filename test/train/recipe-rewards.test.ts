import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scoreSamples } from '../../lib/reward/score.js'
import { type LoadedRecipe, parseRecipe, recipeToYaml } from '../../lib/train/recipe/recipe.js'
import { codeText, recipeRewards, rewardCodeOf } from '../../lib/train/recipe-rewards.js'

const code = 'export const brevity = ({ text }) => 1 / text.length\n'
const sha256 = createHash('sha256').update(code).digest('hex')

let folder: string
let outside: string
beforeAll(async () => {
  outside = await realpath(await mkdtemp(join(tmpdir(), 'lengthen-test-')))
  folder = join(outside, 'recipe')
  await mkdir(join(folder, 'run'), { recursive: true })
  await writeFile(join(folder, 'brevity.mjs'), code)
  await writeFile(join(outside, 'evil.mjs'), code)
  await symlink('../evil.mjs', join(folder, 'linked.mjs'))
})
afterAll(() => rm(outside, { recursive: true, force: true }))

function recipeWith(reward: string): LoadedRecipe {
  const file = join(folder, 'recipe.yaml')
  const text = `name: r
model: { path: model }
data: { train: a, heldOut: b }
rollout: { promptsPerStep: 4 }
reward: { ${reward} }
schedule: { stages: [{ maxResponseTokens: 64 }] }
`
  return { recipe: parseRecipe(text, file), file }
}

const module = (keys = '') =>
  `{ kind: module, path: ./brevity.mjs, export: brevity, weight: 0.5, name: brevity${keys} }`
const row = { id: 'a', problem: '', answer: '5' }
const verdictsOf = async (loaded: LoadedRecipe, text: string) => {
  const rewards = await recipeRewards(loaded, await rewardCodeOf(loaded))
  const asked = [{ row, text }]
  const both = [rewards.reward, rewards.outcome].map(async (reward) => (await scoreSamples(reward, asked)).verdicts[0])
  return await Promise.all(both)
}

test('a recipe without parts has one reward, which evaluations ask too', async () => {
  const loaded = recipeWith('needsThinkingClosed: false')
  expect(await rewardCodeOf(loaded)).toEqual([])
  expect(await verdictsOf(loaded, '\\boxed{5}')).toEqual([
    { score: 1, isParsed: true },
    { score: 1, isParsed: true },
  ])
  expect((await recipeRewards(loaded, [])).section).toEqual(loaded.recipe.reward)
})

test('parts are added up by weight; the first alone says what is right', async () => {
  const loaded = recipeWith(`parts: [{ kind: math }, { kind: format, weight: 0.1 }, ${module()}]`)
  // 1 + 0.1 · 1 + 0.5/19; wrong, but well formed; no thinking closed, so neither right nor well formed.
  expect(await verdictsOf(loaded, 'it</think>\\boxed{5}')).toEqual([
    { score: 1 + 0.1 + 0.5 / 19, outcome: 1, isParsed: true, parts: { math: 1, format: 1, brevity: 1 / 19 } },
    { score: 1, isParsed: true },
  ])
  expect(await verdictsOf(loaded, '</think>\\boxed{6}')).toEqual([
    { score: 0.1 + 0.5 / 17, outcome: 0, isParsed: true, parts: { math: 0, format: 1, brevity: 1 / 17 } },
    { score: 0, isParsed: true },
  ])
  expect((await verdictsOf(loaded, '\\boxed{5}'))[0]).toMatchObject({
    ...{ outcome: 0, isParsed: false, parts: { math: 0, format: 0 } },
  })
})

test('what the section says of thinking holds for the parts that do not say otherwise', async () => {
  const parts = 'parts: [{ kind: math }, { kind: format, needsThinkingClosed: true }]'
  const [verdict] = await verdictsOf(recipeWith(`needsThinkingClosed: false, ${parts}`), '\\boxed{5}')
  expect(verdict).toEqual({ score: 1, outcome: 1, isParsed: true, parts: { math: 1, format: 0 } })
})

test('code is told of before it runs, and its hash goes into the recipe that a run keeps', async () => {
  const loaded = recipeWith(`parts: [{ kind: math }, ${module()}]`)
  const found = await rewardCodeOf(loaded)
  const file = join(folder, 'brevity.mjs')
  expect(found.map(codeText)).toEqual([
    `this recipe runs code: reward brevity is brevity of ${file} (${code.length} bytes, sha256 ${sha256})`,
  ])
  const { section } = await recipeRewards(loaded, found)
  expect(section.parts).toEqual([
    { kind: 'math', weight: 1 },
    { kind: 'module', weight: 0.5, name: 'brevity', path: './brevity.mjs', export: 'brevity', sha256 },
  ])
  const kept = recipeToYaml({ ...loaded.recipe, reward: section })
  expect(parseRecipe(kept, 'kept.yaml').reward).toEqual(section)
})

test('a run’s own copy of the recipe finds the code in the folder of the first', async () => {
  const loaded = recipeWith(`parts: [${module(`, sha256: ${sha256}`)}]`)
  const copy = { ...loaded, file: join(folder, 'run', 'recipe.yaml') }
  await expect(rewardCodeOf(copy)).rejects.toMatchObject({ code: 'RecipeError', key: 'reward.parts.0.path' })
  expect(await rewardCodeOf(copy, folder)).toEqual(await rewardCodeOf(loaded))
})

test('other code than the recipe’s hash says is refused', async () => {
  const loaded = recipeWith(`parts: [${module(`, sha256: ${'a'.repeat(64)}`)}]`)
  await expect(rewardCodeOf(loaded)).rejects.toThrow(
    `recipe.yaml: expected code with the sha256 ${'a'.repeat(64)}, got ${sha256} in ${join(folder, 'brevity.mjs')}`,
  )
})

test('a link that leaves the folder, and an export that is not there, are errors of the recipe', async () => {
  const linked = recipeWith('parts: [{ kind: module, path: linked.mjs }]')
  await expect(rewardCodeOf(linked)).rejects.toThrow(
    /recipe\.yaml: .*expected a file within .+, got linked\.mjs, a link to /,
  )
  const lacking = recipeWith('parts: [{ kind: module, path: brevity.mjs }]')
  await expect(recipeRewards(lacking, await rewardCodeOf(lacking))).rejects.toMatchObject({
    ...{ code: 'RecipeError', key: 'reward.parts.0.path' },
    message: expect.stringMatching(/expected a function default exported by .+brevity\.mjs, got undefined/),
  })
  await expect(recipeRewards(lacking, [])).rejects.toThrow(/expected the code of module to have been found, got none/)
})
