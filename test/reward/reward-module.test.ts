import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findRewardModule, loadRewardModule } from '../../lib/reward/reward-module.js'

const code =
  'globalThis.numRewardsLoaded = (globalThis.numRewardsLoaded ?? 0) + 1\nexport default ({ text }) => text.length\n'

let outside: string
let folder: string
beforeAll(async () => {
  outside = await realpath(await mkdtemp(join(tmpdir(), 'lengthen-test-')))
  folder = join(outside, 'recipe')
  await mkdir(join(folder, 'code'), { recursive: true })
  await writeFile(join(folder, 'code', 'length.mjs'), code)
  await writeFile(join(folder, 'broken.mjs'), 'export default (')
  await writeFile(join(folder, 'named.mjs'), 'export const brevity = () => 1, limit = 3\n')
  await writeFile(join(outside, 'evil.mjs'), code)
  await symlink(join(outside, 'evil.mjs'), join(folder, 'linked.mjs'))
  await symlink(outside, join(folder, 'up'))
  await symlink('code/length.mjs', join(folder, 'within.mjs'))
})
afterAll(() => rm(outside, { recursive: true, force: true }))

const find = (path: string, exportName = 'default') => findRewardModule(folder, { path, exportName })
const numLoaded = () => (globalThis as { numRewardsLoaded?: number }).numRewardsLoaded

test('a module is found without being run, told by its hash, and then gives its reward', async () => {
  const module = await find('./code/length.mjs')
  expect(module).toEqual({
    ...{ file: join(folder, 'code', 'length.mjs'), exportName: 'default', numBytes: code.length },
    sha256: createHash('sha256').update(code).digest('hex'),
  })
  expect(numLoaded()).toBeUndefined()
  const reward = await loadRewardModule(module)
  expect(numLoaded()).toBe(1)
  const row = { id: '', problem: '', answer: '' }
  expect(await reward({ row, text: 'abc', signal: new AbortController().signal })).toBe(3)
})

test('a link that stays within the folder is followed', async () => {
  expect((await find('within.mjs')).file).toBe(join(folder, 'code', 'length.mjs'))
})

test.each<[string, string, RegExp]>([
  [
    'a path upwards',
    '../evil.mjs',
    /expected a path within the recipe's own folder, not absolute and without \.\., got \.\.\/evil/,
  ],
  ['a path down and up', 'code/../../evil.mjs', /without \.\., got code/],
  ['a path upwards in the manner of Windows', '..\\evil.mjs', /without \.\., got/],
  ['an absolute path', '/tmp/evil.mjs', /not absolute/],
  ['an absolute path of Windows', 'C:\\evil.mjs', /not absolute/],
  ['a link to a file outside', 'linked.mjs', /expected a file within .+recipe, got linked\.mjs, a link to .+evil\.mjs/],
  [
    'a link to a folder outside',
    'up/evil.mjs',
    /expected a file within .+recipe, got up\/evil\.mjs, a link to .+evil\.mjs/,
  ],
  ['a file that is not there', 'none.mjs', /cannot be read: ENOENT/],
  ['a folder', 'code', /expected a file that ends in \.mjs, \.js or \.cjs, got code/],
  ['a file of another kind', 'length.ts', /ends in \.mjs/],
])('%s is refused, and nothing is run', async (_, path, message) => {
  const before = numLoaded()
  await expect(find(path)).rejects.toThrow(message)
  expect(numLoaded()).toBe(before)
})

test('a module that cannot be loaded, or lacks the function, says so', async () => {
  await expect(loadRewardModule(await find('broken.mjs'))).rejects.toThrow(/broken\.mjs cannot be loaded: /)
  await expect(loadRewardModule(await find('named.mjs'))).rejects.toThrow(
    /expected a function default exported by .+named\.mjs, got undefined; it exports brevity, limit$/,
  )
  await expect(loadRewardModule(await find('named.mjs', 'limit'))).rejects.toThrow(/got number/)
  expect(await loadRewardModule(await find('named.mjs', 'brevity'))).toBeTypeOf('function')
})
