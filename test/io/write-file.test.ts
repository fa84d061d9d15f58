import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeFileAtomically } from '../../lib/io/write-file.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

test('a file is replaced as a whole and nothing else is left in the folder', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'a.txt')
  await writeFileAtomically(path, 'one')
  await writeFileAtomically(path, async (file) => {
    await file.writeFile('t')
    await file.writeFile('wo')
  })
  expect(readFileSync(path, 'utf8')).toBe('two')
  expect(readdirSync(folder)).toEqual(['a.txt'])
})

test('when writing fails the old file stands and the temporary one is gone', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'a.txt')
  writeFileSync(path, 'old')
  const failing = writeFileAtomically(path, async (file) => {
    await file.writeFile('half')
    throw new Error('disk on fire')
  })
  await expect(failing).rejects.toThrow('disk on fire')
  expect(readFileSync(path, 'utf8')).toBe('old')
  expect(readdirSync(folder)).toEqual(['a.txt'])
})

test('two writers of one file do not share a temporary name', async () => {
  const path = join(temporaryFolder(), 'a.txt')
  await Promise.all(['x', 'y', 'z'].map((text) => writeFileAtomically(path, text.repeat(100_000))))
  expect(readFileSync(path, 'utf8')).toMatch(/^(x{100000}|y{100000}|z{100000})$/)
})

test('a missing folder is the system error that names the path', async () => {
  await expect(writeFileAtomically(join(temporaryFolder(), 'no', 'a.txt'), '')).rejects.toThrow(/ENOENT.*no/)
})
