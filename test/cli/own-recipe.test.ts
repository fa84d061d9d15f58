// Recipes that come with lengthen, named in a folder that has none, as after npm install.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { jsonLines } from './json-lines.js'
import { lengthen } from './lengthen.js'

const own = (name: string): string => join(root, 'recipes', `${name}.yaml`)
const said = (name: string): string => `lengthen: the recipe is lengthen's own, ${own(name)}\n`

test('train takes one by its name, says which, and keeps to the working directory', async () => {
  const cwd = temporaryFolder()
  const before = readdirSync(join(root, 'recipes'))
  const ran = await lengthen(['train', 'dapo', '--tiny', '--json'], { cwd })
  expect([ran.status, ran.stderr]).toEqual([0, said('dapo')])
  expect(jsonLines(ran.stdout).at(-1)).toMatchObject({ type: 'summary' })
  expect(readdirSync(cwd)).toEqual(['runs'])
  expect(readdirSync(join(root, 'recipes'))).toEqual(before)
  const resumed = await lengthen(['train', '--resume', 'runs/dapo-tiny-1', '--json'], { cwd })
  expect([resumed.status, resumed.stderr]).toEqual([0, ''])
  const replayed = await lengthen(['replay', 'runs/dapo-tiny-1', '--step', '1', '--sample', '0'], { cwd })
  expect([replayed.status, replayed.stdout]).toEqual([0, expect.stringContaining('bit for bit')])
})

test.each<[string, string, string[]]>([
  ['plan', 'dapo', ['plan', 'recipes/dapo.yaml', '--hardware', 'a100-80g:8']],
  ['a dry run', 'gspo', ['train', './recipes/gspo.yaml', '--dry-run']],
  ['eval', 'eval-deepscaler', ['eval', 'eval-deepscaler.yaml', '--dry-run']],
  ['eval by the bare name', 'eval-deepscaler', ['eval', 'eval-deepscaler', '--dry-run']],
])('%s takes one, and makes nothing', async (_, name, args) => {
  const cwd = temporaryFolder()
  const { stdout, stderr } = await lengthen(args, { cwd })
  expect(stderr.startsWith(said(name))).toBe(true)
  expect(stdout).toContain(name.replace('eval-', '')) // an evaluation's plan has no name, but what it stands beside
  expect(readdirSync(cwd)).toEqual([])
})

test('its paths start where the file that was named would lie', async () => {
  const cwd = temporaryFolder()
  const found = async (recipe: string, path: string) =>
    (await lengthen(['sft', recipe, '--set', `model.path=${path}`, '--dry-run'], { cwd })).stderr
  expect(await found('sft-gsm8k', 'my-model')).toBe(
    `${said('sft-gsm8k')}lengthen: --set model.path=my-model: expected a folder for model.path, found none at ${cwd}/my-model\n`,
  )
  expect(await found('recipes/sft-gsm8k.yaml', '../my-model')).toContain(`found none at ${cwd}/my-model\n`)
  expect(await found('recipes/sft-gsm8k.yaml', 'my-model')).toContain(`found none at ${cwd}/recipes/my-model\n`)
})

test('a file that is there comes first, and nothing is said', async () => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'recipes'))
  writeFileSync(join(cwd, 'recipes/dapo.yaml'), readFileSync(own('quickstart')))
  const { stdout, stderr } = await lengthen(['train', 'recipes/dapo.yaml', '--dry-run'], { cwd })
  expect([stderr, stdout.includes('quickstart')]).toEqual(['', true])
})

test.each<[string[], RegExp]>([
  [['train', 'recipes/dappo.yaml'], /did you mean dapo\? lengthen's own .* are dapo, deepscaler-1\.5b, .*, in /],
  [['plan', 'elsewhere/dapo.yaml'], /did you mean dapo\? /],
  [['train', 'my-recipe.yaml'], /no such file; lengthen's own recipes for this command are dapo, /],
  [['sft', 'gsm8k'], /are sft-gsm8k, sft-reasoning-lora, in /],
  [['eval', 'evaluation.yaml'], /are eval-deepscaler, in /],
])('one that is neither there nor ours is told what there is: %o', async (args, message) => {
  const cwd = temporaryFolder()
  const { status, stdout, stderr } = await lengthen(args, { cwd })
  expect(stderr).toMatch(message)
  expect(stderr.startsWith(`lengthen: ${args[1]}: cannot be read: ENOENT`)).toBe(true)
  expect(stderr.endsWith(`, in ${join(root, 'recipes')}\n`)).toBe(true)
  expect([status, stdout]).toEqual([2, ''])
})

test('every recipe of ours that a help or the README names is there', () => {
  const texts = ['README.md', 'docs/sft.md', 'recipes/README.md'].map((name) => readFileSync(join(root, name), 'utf8'))
  const sources = ['commands', 'plan', 'sft', 'eval'].map((name) =>
    readFileSync(join(root, `lib/cli/${name}.ts`), 'utf8'),
  )
  const named = [...texts, ...sources].flatMap((text) => [
    ...[...text.matchAll(/lengthen (?:train|plan|sft|eval) ([a-z][\w.-]*)(?= |$)/gm)].map(([, name]) => name as string),
    ...[...text.matchAll(/\brecipes\/([\w.-]+)\.yaml/g)].map(([, name]) => name as string),
  ])
  const ours = [...new Set(named)].filter((name) => !/^(my-|recipe\.yaml|runs)/.test(name))
  expect(ours.length).toBeGreaterThan(4)
  expect(ours.filter((name) => !existsSync(own(name)))).toEqual([])
})
