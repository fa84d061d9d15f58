import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { writeJsonLines } from '../../lib/io/write-lines.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

test('values are one a line, and none are an empty file', async () => {
  const file = join(temporaryFolder(), 'a.jsonl')
  await writeJsonLines(file, [{ a: 1 }, { b: 'é\n' }])
  expect(readFileSync(file, 'utf8')).toBe('{"a":1}\n{"b":"é\\n"}\n')
  await writeJsonLines(file, [])
  expect(readFileSync(file, 'utf8')).toBe('')
})

// A string has at most 2^29 − 24 units; the file here is beyond that only in what it would take, not on the disk.
test('a file is never held as one string', async () => {
  const appended: number[] = []
  vi.doMock('../../lib/io/write-file.js', () => ({
    writeFileAtomically: (_: string, write: (file: object) => Promise<void>) =>
      write({ appendFile: async (text: string) => void appended.push(text.length) }),
  }))
  vi.resetModules()
  const { writeJsonLines: write } = await import('../../lib/io/write-lines.js')
  const megabyte = { text: 'x'.repeat(1 << 20) }
  await write(
    'none',
    Array.from({ length: 600 }, () => megabyte),
  ).finally(() => vi.doUnmock('../../lib/io/write-file.js'))
  expect(Math.max(...appended)).toBeLessThan(2 ** 21)
  expect(appended.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(2 ** 29)
})
