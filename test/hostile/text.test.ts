import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRows } from '../../lib/data/rows.js'
import { parseRecipe, recipeToYaml } from '../../lib/train/recipe/recipe.js'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { fuzz, loadedOrRefused } from './harness.js'
import { byteChanges, mutatedBytes, mutatedJson, mutations } from './mutate.js'

const recipe = readFileSync(join(root, 'recipes/quickstart.yaml'), 'utf8')
const lines = recipe.split('\n')

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefgh', (name, i) => `${name}: &${name} [${`*${'abcdefg'[i]},`.repeat(9)}]`).join('\n')}`
const snippets = [
  bomb,
  'seed: &s [*s]',
  'seed: *nothing',
  '<<: *nothing',
  '<<: [1, 2]',
  '__proto__: { seed: 1 }',
  'constructor: 1',
  '? [a, b]\n: 1',
  '? { a: 1 }\n: 1',
  'seed: !!binary aGVsbG8=',
  'seed: !!set { a, b }',
  'seed: !!js/function "() => 1"',
  'seed: 99999999999999999999999999',
  'seed: .nan',
  'seed: -.inf',
  'seed: 0x1F',
  'seed: 2001-12-14',
  'name: ../../x',
  'name: "\\0"',
  '--- 1\n--- 2',
  '%YAML 9.9\n---',
  '\t',
  '"',
  `x: ${'['.repeat(20_000)}`,
  `x: ${'[0,'.repeat(3000)}`,
  `x: ${'['.repeat(2000)}${']'.repeat(2000)}`,
  Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
]

/** A recipe that reads back as the same, where it is read at all. */
async function readRecipe(text: string, set: readonly string[] = []): Promise<void> {
  const read = await loadedOrRefused(() => parseRecipe(text, 'r.yaml', { set }))
  if (read) expect(parseRecipe(recipeToYaml(read), 'again.yaml')).toEqual(read)
}

test('a recipe with foreign lines', async () => {
  for (const snippet of snippets) await readRecipe(snippet)
  await fuzz(
    fc.tuple(fc.nat(), fc.constantFrom(...snippets), fc.boolean()),
    150,
    async ([at, snippet, isReplacing]) => {
      await readRecipe(lines.toSpliced(at % lines.length, isReplacing ? 1 : 0, snippet).join('\n'))
    },
  )
})

test('an odd key is an error of ours, without a warning of the YAML library beside it', async () => {
  const warnings: Error[] = []
  process.on('warning', (warning) => warnings.push(warning))
  for (const snippet of ['? [a, b]\n: 1', '? { a: 1 }\n: 1']) await readRecipe(snippet, [`seed={${snippet}}`])
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(warnings).toEqual([])
})

test('a recipe with broken bytes', async () => {
  await fuzz(byteChanges, 80, (changes) => readRecipe(mutatedBytes(Buffer.from(recipe), changes).toString()))
})

const settingKey = fc.oneof(
  fc.constantFrom(
    'seed',
    'model',
    'model.create',
    'schedule.stages',
    'schedule.stages.0',
    'schedule.stages.0.until.steps',
  ),
  fc.constantFrom(
    'schedule.stages.99',
    'optimizer.betas.1',
    'optimizer.betas.-1',
    '__proto__.x',
    'constructor.prototype',
  ),
  fc.constantFrom('', '.', '..', 'a..b', 'seed.x', 'model.__proto__', '0', 'x'.repeat(1000), `${'a.'.repeat(3000)}a`),
)

test('--set with nonsense', async () => {
  const value = fc.oneof(
    fc.constantFrom('', '1', '[1', '&a [*a]', '*a', '!!omap [a: 1]', '=', '{a: 1}', '~'),
    fc.constantFrom(...snippets),
  )
  await fuzz(fc.array(fc.tuple(settingKey, value), { minLength: 1, maxLength: 3 }), 80, async (settings) => {
    await readRecipe(
      recipe,
      settings.map(([key, text]) => `${key}=${text}`),
    )
  })
  expect(({} as Record<string, unknown>).x).toBe(undefined)
})

test('rows of a data set', async () => {
  const path = join(temporaryFolder(), 'rows.jsonl')
  const row = { id: 'a', problem: '1+1?', answer: ['2', 2], source: { book: 1 } }
  const good = `${JSON.stringify(row)}\n${JSON.stringify({ ...row, id: 'b' })}\n`
  await fuzz(mutations, 100, async (changes) => {
    writeFileSync(path, `${mutatedJson(row, changes)}\n${mutatedJson({ ...row, id: 'b' }, changes)}\n`)
    await loadedOrRefused(() => readRows(path))
  })
  await fuzz(byteChanges, 100, async (changes) => {
    writeFileSync(path, mutatedBytes(Buffer.from(good), changes))
    await loadedOrRefused(() => readRows(path))
  })
})
