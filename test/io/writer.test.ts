import { readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../helpers/temporary-folder.js'

// As a worker's threads each have it: the modules anew, and a number.
async function inThread(threadId: number) {
  vi.resetModules()
  vi.doMock('node:worker_threads', () => ({ threadId }))
  return import('../../lib/io/temporary.js')
}

afterEach(() => {
  vi.doUnmock('node:worker_threads')
  vi.resetModules()
})

test('no two threads of a process give a file the same temporary name', async () => {
  const names = []
  for (const threadId of [0, 1, 2]) names.push((await inThread(threadId)).temporaryName('/a/x'))
  const { pid } = process
  expect(names).toEqual([`/a/.x.${pid}-0.tmp`, `/a/.x.${pid}t1-0.tmp`, `/a/.x.${pid}t2-0.tmp`])
})

test('a thread removes what dead processes have left, of whichever of their threads, and not what other threads write', async () => {
  const folder = temporaryFolder()
  const dead = 2 ** 22 + 5
  const path = join(folder, 'x')
  const byMain = (await inThread(0)).temporaryName(path)
  const bySecond = (await inThread(2)).temporaryName(path)
  const left = [`.x.${dead}-0.tmp`, `.x.${dead}t2-7.tmp`, `.x.${process.pid}t1-99.tmp`].map((name) =>
    join(folder, name),
  )
  for (const file of [byMain, bySecond, ...left]) writeFileSync(file, '')
  await (await inThread(1)).removeLeftovers(folder, ['x'])
  expect(readdirSync(folder).sort()).toEqual([byMain, bySecond].map((file) => basename(file)).sort())
})
