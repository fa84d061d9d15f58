import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockRun } from '../../../lib/train/run/run-lock.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

test('the second one to lock a run is refused, and told who works there', async () => {
  const folder = temporaryFolder()
  const lock = await lockRun(folder)
  await expect(lockRun(folder)).rejects.toThrow(`run.lock names process ${process.pid}`)
  await lock.release()
  expect(readdirSync(folder)).toEqual([])
  await (await lockRun(folder)).release()
})

test('of many at once exactly one gets it, also where a dead process has left a lock', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'run.lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), startedAt: '1' }))
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockRun(folder)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(readdirSync(folder)).toEqual(['run.lock'])
})

test.each([
  ['of a process that is no more', { pid: 2 ** 22 + 1, host: hostname(), startedAt: '1' }],
  ['of one whose number was given again', { pid: process.pid, host: hostname(), startedAt: 'long ago' }],
])('a lock %s is void', async (_, holder) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'run.lock'), JSON.stringify(holder))
  await lockRun(folder)
  expect(JSON.parse(readFileSync(join(folder, 'run.lock'), 'utf8'))).toMatchObject({ pid: process.pid })
})

test('a lock that is cut short is void', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'run.lock'), '{"pid":')
  await lockRun(folder)
})

test('a lock of another machine is not', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'run.lock'), JSON.stringify({ pid: 1, host: 'elsewhere', startedAt: '1' }))
  await expect(lockRun(folder)).rejects.toThrow('names process 1 on elsewhere; if that is no more, remove the file')
})
