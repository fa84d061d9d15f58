import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freeRunPath, RunDirectory } from '../../../lib/train/run/run-directory.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

const about = { recipeYaml: 'name: a\n', versions: { lengthen: '1' } }

test('a new or empty directory is taken, its parents are made', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'empty'))
  for (const path of [join(folder, 'a/b/new'), join(folder, 'empty')]) {
    await (await RunDirectory.create(path, about)).close()
    expect(readdirSync(path).sort()).toEqual(['metrics.jsonl', 'recipe.yaml', 'samples.jsonl', 'versions.json'])
    expect(readFileSync(join(path, 'recipe.yaml'), 'utf8')).toBe(about.recipeYaml)
  }
})

test('a directory with something in it, and a file, are refused and left as they are', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'kept'), 'x')
  await expect(RunDirectory.create(folder, about)).rejects.toMatchObject({
    code: 'ArgumentError',
    message: `[run] expected an empty or new directory for the run, got ${folder} with kept in it`,
  })
  await expect(RunDirectory.create(join(folder, 'kept'), about)).rejects.toThrow(/kept: a file/)
  expect(readdirSync(folder)).toEqual(['kept'])
})

test('a model is there whole or not at all', async () => {
  const path = join(temporaryFolder(), 'run')
  const run = await RunDirectory.create(path, about)
  const write = (text: string, fail?: Error) =>
    run.writeModel(async (folder) => {
      await writeFile(join(folder, 'weights'), text)
      if (fail) throw fail
    })
  const before = readdirSync(path)
  await expect(write('half', new Error('disk full'))).rejects.toThrow('disk full')
  expect(readdirSync(path)).toEqual(before)
  expect(await write('first')).toBe(join(path, 'model'))
  await expect(write('half', new Error('disk full'))).rejects.toThrow('disk full')
  expect(readFileSync(join(path, 'model/weights'), 'utf8')).toBe('first')
  await write('second')
  expect(readFileSync(join(path, 'model/weights'), 'utf8')).toBe('second')
  expect(readdirSync(path).sort()).toEqual([...before, 'model'].sort())
  await run.close()
})

test('while a model takes the place of another, what has its name is whole at every moment', async () => {
  const path = join(temporaryFolder(), 'run')
  const run = await RunDirectory.create(path, about)
  const numFiles = 400
  const save = async (folder: string) => {
    for (let i = 0; i < numFiles; i++) writeFileSync(join(folder, `${i}`), '')
  }
  await run.writeModel(save)
  const again = run.writeModel(save)
  let isOver = false
  const ended = again.finally(() => {
    isOver = true
  })
  const seen = new Set<number>()
  while (!isOver) {
    try {
      seen.add(readdirSync(join(path, 'model')).length)
    } catch {
      // between the two
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  await ended
  expect([...seen]).toEqual([numFiles])
  await run.close()
})

test('a directory has a recipe, which makes it a run, once all that a resumption needs is there', async () => {
  const path = join(temporaryFolder(), 'run')
  const versions = {
    toJSON: () => {
      throw new Error('no versions')
    },
  }
  await expect(RunDirectory.create(path, { ...about, versions })).rejects.toThrow('no versions')
  expect(readdirSync(path)).toEqual([])
})

test('a run without a directory gets the first free number', async () => {
  const folder = temporaryFolder()
  expect(await freeRunPath(join(folder, 'runs'), 'a')).toBe(join(folder, 'runs/a-1'))
  for (const name of ['a-1', 'a-3', 'b-2']) mkdirSync(join(folder, 'runs', name), { recursive: true })
  expect(await freeRunPath(join(folder, 'runs'), 'a')).toBe(join(folder, 'runs/a-2'))
})
