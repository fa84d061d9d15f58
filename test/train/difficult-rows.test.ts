import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shuffledRows } from '../../lib/data/problem-source.js'
import { buildData } from '../../lib/train/build.js'
import { loadRecipe } from '../../lib/train/recipe/recipe.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const rows = Array.from({ length: 9 }, (_, i) => ({
  ...{ id: `${i}`, problem: `p${i}`, answer: '1' },
  ...{ passRate: i / 8, numSamples: 8 },
}))

/** The training rows of two epochs under a `difficulty`, by id. */
async function trainedOn(
  difficulty: string,
  given: object[] = rows,
  select = '',
): Promise<{ all: string[]; seen: string[] }> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'model'))
  writeFileSync(join(folder, 'train.jsonl'), given.map((row) => JSON.stringify(row)).join('\n'))
  const recipe = `name: r
model: { path: model }
data: { train: train.jsonl, heldOut: train.jsonl${difficulty} }
rollout: { promptsPerStep: 4 }
schedule: { stages: [{ maxResponseTokens: 8${select} }] }
`
  writeFileSync(join(folder, 'r.yaml'), recipe)
  const { train, rows } = await buildData(await loadRecipe(join(folder, 'r.yaml')))
  const ids = new Set(train.rowsOf(0, 18).map(({ id }) => id))
  return { all: rows.slice(0, rows.length - given.length).map(({ id }) => id), seen: [...ids].sort() }
}

test('a recipe keeps the rows of a band of pass rates', async () => {
  const { all, seen } = await trainedOn(', difficulty: { min: 0.25, max: 0.75 }')
  expect(seen).toEqual(['2', '3', '4', '5', '6'])
  expect(all).toEqual(seen)
})

test('a recipe weights by difficulty, which by itself drops no row', async () => {
  const { all, seen } = await trainedOn(', difficulty: { weight: hard }')
  expect(all).toHaveLength(9)
  expect(seen.slice(0, 4)).toEqual(['0', '1', '2', '3'])
})

test('without it pass rates are not looked at, and the order is as ever', async () => {
  const plain = rows.map(({ passRate: _, ...row }) => row)
  const { seen } = await trainedOn('', plain)
  expect(seen).toEqual(
    [
      ...new Set(
        shuffledRows(plain, { seed: 1 })
          .rowsOf(0, 18)
          .map(({ id }) => id),
      ),
    ].sort(),
  )
})

test('a row without a pass rate, and a band without a row, are errors that name the file', async () => {
  const lacking = [...rows, { id: 'x', problem: 'p', answer: '1' }]
  await expect(trainedOn(', difficulty: { max: 0.9 }', lacking)).rejects.toThrow(
    /train\.jsonl, line 10: data\.difficulty: \[select\] expected a passRate from 0 to 1 in row "x", got passRate none/,
  )
  await expect(trainedOn(', difficulty: { min: 0.9, max: 0.95 }')).rejects.toThrow(
    /train\.jsonl: expected a row with a passRate from 0.9 to 0.95, got none of 9/,
  )
})

test('so is a row without a pass rate where only a stage selects by it', async () => {
  const lacking = [...rows, { id: 'x', problem: 'p', answer: '1', passRate: '0.5' }]
  await expect(trainedOn('', lacking, ', select: { minPassRate: 0.1 }')).rejects.toThrow(
    /train\.jsonl, line 10: schedule\.stages\.0\.select: .* got passRate "0.5"/,
  )
  await trainedOn('', rows, ', select: { minPassRate: 0.1 }')
})
