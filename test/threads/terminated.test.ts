// Worker threads that are ended in the middle of their work.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { runProgram } from './run-program.js'

interface Left {
  statuses: number[]
  before: { done: number; usedBytes: number; numThreads: number }
  after: { done: number; usedBytes: number; numThreads: number }
}

test('16 workers terminated while they allocate, read, record, replay, learn, sample or grade leave nothing behind', async () => {
  const { status, output } = await runProgram('terminate.mjs', ['2', '60'])
  expect(status).toBe(0)
  const { statuses, before, after } = JSON.parse(output) as Left
  expect(statuses).toEqual(Array.from({ length: 16 }, () => 1))
  expect(before).toMatchObject({ done: 512 * 512, usedBytes: 0 })
  expect(after).toEqual(before)
})

test('what a terminated worker had queued is dropped: the next to ask does not wait for it', async () => {
  const { output } = await runProgram('drop.mjs')
  const { peakUsedBytes, usedBytes } = JSON.parse(output) as { peakUsedBytes: number; usedBytes: number }
  // Of two thousand results of 1 MiB each, none of which is let go of before the last, most were never computed.
  expect(peakUsedBytes).toBeLessThan(1000 * 2 ** 20)
  expect(usedBytes).toBe(0)
})

test('memory goes back to the system with the last thread that used the addon', async () => {
  const { output } = await runProgram('memory.mjs')
  const { residentMb, numThreads } = JSON.parse(output) as { residentMb: number[]; numThreads: number[] }
  const [first = 0] = residentMb
  // Each held 160 MB of tensors.
  for (const megabytes of residentMb) expect(megabytes - first).toBeLessThan(40)
  expect(new Set(numThreads).size).toBe(1)
})

test('the directory of a run that a terminated worker worked in is free again, and was not before', async () => {
  const { status, output, errors } = await runProgram('lock.mjs', [join(temporaryFolder(), 'run')])
  expect({ status, errors }).toEqual({ status: 0, errors: '' })
  expect(JSON.parse(output)).toEqual({
    whileItWorks: expect.stringMatching(
      /^\[run\] expected a run that no other process works in; .*run\.lock names process \d+$/,
    ),
    isLeft: true,
    isLeftAtLast: false,
  })
})
