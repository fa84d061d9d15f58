import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readJsonl } from '../../lib/io/jsonl.js'
import { readTextFile, readTextFileIfPresent } from '../../lib/io/read-file.js'
import { SafetensorsFile } from '../../lib/io/safetensors.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

test('text is read; a missing file is an error or nothing, as asked', async () => {
  const path = join(temporaryFolder(), 'a.txt')
  await expect(readTextFile(path)).rejects.toMatchObject({ code: 'FileFormatError', file: path })
  expect(await readTextFileIfPresent(path)).toBe(undefined)
  writeFileSync(path, 'żółć')
  expect(await readTextFile(path)).toBe('żółć')
  expect(await readTextFileIfPresent(path)).toBe('żółć')
})

test('a folder and a pipe are no files, and a pipe is not waited for', async () => {
  const folder = temporaryFolder()
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  await expect(readTextFile(folder)).rejects.toThrow(/expected a file, got a folder/)
  await expect(readTextFile(pipe)).rejects.toThrow(/expected a file, got a pipe or device/)
  await expect(SafetensorsFile.open(pipe)).rejects.toThrow(/expected a file, got a pipe or device/)
  await expect(readJsonl(pipe).next()).rejects.toThrow(/expected a file, got a pipe or device/)
})

test('a line without an end is an error before it fills the memory', async () => {
  const path = join(temporaryFolder(), 'rows.jsonl')
  writeFileSync(path, `1\n"${'x'.repeat(2 ** 24 + 70_000)}`)
  const rows = readJsonl(path)
  await rows.next()
  await expect(rows.next()).rejects.toThrow(/rows\.jsonl, line 2: expected a line of at most/)
})
