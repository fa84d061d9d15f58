import { existsSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../lib/io/make-folder.js'

test('a folder is made with those above it, and may be there already', async () => {
  const root = await mkdtemp(join(tmpdir(), 'lengthen-'))
  const folder = join(root, 'a/b/c')
  await makeFolder(folder)
  await makeFolder(folder)
  expect(existsSync(folder)).toBe(true)
})

test('many may make the same folder at once', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'lengthen-')), 'a/b/c')
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(folder)))
  expect(existsSync(folder)).toBe(true)
})

test('a folder below a file is an error', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'lengthen-')), 'file')
  await writeFile(file, '')
  await expect(makeFolder(join(file, 'a'))).rejects.toThrow('ENOTDIR')
})

test.skipIf(!existsSync('/proc/self'))('a folder that the system cannot make is an error at once', async () => {
  await expect(makeFolder('/proc/lengthen/a')).rejects.toThrow('ENOENT')
})
