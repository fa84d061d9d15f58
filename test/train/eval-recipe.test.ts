import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { published } from '../../lib/eval/published.js'
import { loadEvalRecipe } from '../../lib/train/eval-recipe/load.js'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const good = `name: r
model: { path: ../model }
data: { sets: { a: a.jsonl, b: { path: b.csv, columns: { problem: question } } }, answerAfter: "####" }
samplesPerProblem: 4
maxResponseTokens: 100
temperature: 0.6
`

function write(text: string): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'recipes'))
  mkdirSync(join(folder, 'model'))
  for (const name of ['a.jsonl', 'b.csv']) writeFileSync(join(folder, 'recipes', name), '')
  writeFileSync(join(folder, 'recipes/r.yaml'), text)
  return join(folder, 'recipes/r.yaml')
}

test('paths start at the recipe, and what is said of all sets holds for each', async () => {
  const file = write(good)
  const folder = join(file, '../..')
  const { recipe, modelPath, sets } = await loadEvalRecipe(file, { set: ['samplesPerProblem=8'] })
  expect(modelPath).toBe(join(folder, 'model'))
  expect(sets).toEqual([
    { name: 'a', source: { path: join(folder, 'recipes/a.jsonl'), answerAfter: '####' }, numProblems: undefined },
    {
      ...{ name: 'b', numProblems: undefined },
      source: { path: join(folder, 'recipes/b.csv'), answerAfter: '####', columns: { problem: 'question' } },
    },
  ])
  expect(recipe).toMatchObject({
    ...{ samplesPerProblem: 8, seed: 0, topP: 1, topK: 0 },
    grading: { mode: 'exact', needsThinkingClosed: true },
  })
})

test.each([
  ['temperature: 0.6', 'temperature: -1', ':6:1: expected at least 0 for temperature, got -1'],
  [
    'samplesPerProblem: 4',
    'samplePerProblem: 4',
    ':4:1: unknown key "samplePerProblem"; did you mean "samplesPerProblem"?',
  ],
  ['path: ../model', 'path: ../model, server: "http://h"', ':2:1: expected exactly one of path, server for model'],
  ['path: ../model', 'server: "http://h"', ':2:1: expected model.name beside model.server, and only there'],
  [
    'a: a.jsonl, b: { path: b.csv, columns: { problem: question } }',
    '',
    ':3:9: expected at least one set in data.sets',
  ],
  ['answerAfter', 'numProblems: { c: 3 }, answerAfter', 'expected one of data.sets for data.numProblems.c: a, b'],
  ['path: ../model', 'path: ../modl', ':2:10: expected a file or folder for model.path, found none at'],
])('%s as %s is an error with its place', async (from, to, message) => {
  const file = write(good.replace(from, to))
  await expect(loadEvalRecipe(file)).rejects.toMatchObject({
    code: 'RecipeError',
    message: expect.stringContaining(message),
  })
})

test('the published protocol is what the recipe says', async () => {
  const file = join(root, 'recipes/eval-deepscaler.yaml')
  const { recipe, sets } = await loadEvalRecipe(file, { mayLackFiles: true })
  expect(recipe).toMatchObject({
    ...{ samplesPerProblem: 16, temperature: 0.6, topP: 0.95, topK: 0, maxResponseTokens: 32768, beside: 'deepscaler' },
    grading: { mode: 'deepscaler', needsThinkingClosed: true },
  })
  const numProblems = Object.fromEntries(sets.map((set) => [set.name, set.numProblems]))
  expect(numProblems).toEqual(published.deepscaler.sets)
})
