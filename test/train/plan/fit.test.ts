import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { excesses, hardwarePlaces, proposal, thisPlace } from '../../../lib/train/plan/fit.js'
import { parseHardware } from '../../../lib/train/plan/hardware/parse.js'
import { planOf } from '../../../lib/train/plan/plan.js'
import { loadRecipe, type Recipe } from '../../../lib/train/recipe/recipe.js'
import { root } from '../../helpers/source-files.js'
import { deepseek1p5b } from './shapes.js'

const load = async (...set: string[]): Promise<Recipe> =>
  (await loadRecipe(join(root, 'recipes/deepscaler-1.5b.yaml'), { mayLackFiles: true, set })).recipe

describe('on hardware', () => {
  test('what fits needs no change', async () => {
    expect(excesses(await load(), deepseek1p5b, hardwarePlaces(parseHardware('a100-80g:8')))).toEqual([])
  })

  test('what does not is told for every stage and the evaluation, with its bytes', async () => {
    const found = excesses(await load(), deepseek1p5b, hardwarePlaces(parseHardware('a10g:4')))
    expect(found.map(({ phase }) => phase)).toEqual([0, 1, 2, 'evaluation'])
    for (const { peak, capacity } of found) expect([peak > capacity, capacity]).toEqual([true, 0.92 * 24e9])
  })

  test('the cache alone makes way where that is enough', async () => {
    const places = hardwarePlaces(parseHardware('a100-40g:8'))
    const found = proposal(await load(), deepseek1p5b, { places })
    expect(found?.flags).toEqual([expect.stringMatching(/^--set rollout\.cacheBytes=\d+$/)])
    expect(found?.peak).toBeLessThanOrEqual(0.92 * 40e9)
  })

  test('what is proposed fits, and with any of it left out it does not', async () => {
    const entries = parseHardware('a10g:4')
    const found = proposal(await load(), deepseek1p5b, { places: hardwarePlaces(entries), entries })
    const sets = (found?.flags ?? []).flatMap((flag) => flag.match(/^--set (.*)$/)?.[1] ?? [])
    const other = found?.flags.find((flag) => flag.startsWith('--hardware'))?.slice('--hardware '.length)
    const places = hardwarePlaces(other ? parseHardware(other) : entries)
    expect(excesses(await load(...sets), deepseek1p5b, places)).toEqual([])
    for (const left of sets) {
      const fewer = await load(...sets.filter((set) => set !== left))
      expect(excesses(fewer, deepseek1p5b, places)).not.toEqual([])
    }
  })
})

describe('on this machine', () => {
  test('adapters on a base in bf16 are proposed last', async () => {
    const recipe = await load()
    const found = proposal(recipe, deepseek1p5b, { places: thisPlace(recipe, 26e9) })
    expect(found?.flags.slice(-2)).toEqual(['--set model.lora="{ rank: 32, alpha: 64 }"', '--set model.baseDtype=bf16'])
    expect(found?.peak).toBeLessThanOrEqual(26e9)
  })

  test('nothing is proposed where nothing helps', async () => {
    const recipe = await load()
    expect(proposal(recipe, deepseek1p5b, { places: thisPlace(recipe, 1e9) })).toBeUndefined()
  })
})

test('a device of several has its share of the moments, and the cache of its sequences', async () => {
  const recipe = await load()
  const of = (text: string) =>
    planOf(
      recipe,
      deepseek1p5b,
      hardwarePlaces(parseHardware(text)).map(({ layout }) => layout),
    ).stages[0]?.memory
  expect(of('h100:1')).toMatchObject({ moments: 8 * 1_777_088_000, masterWeights: 4 * 1_777_088_000, packedCopies: 0 })
  expect(of('h100:8')).toMatchObject({ moments: 1_777_088_000, gradients: 4 * 1_777_088_000, snapshot: 0 })
  // 1,024 answers of 9,215 tokens in blocks of 16, and one more each: the cache's limit holds fewer.
  expect(of('h100:512')?.kvCache).toBe(2 * (576 + 1) * 16 * 2 * 14_336)
})
