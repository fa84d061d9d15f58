// Systems that let a user, or a container, have so many threads and no more.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { runProgram } from './run-program.js'

const canLimit = spawnSync('prlimit', ['--version']).status === 0

test.skipIf(!canLimit)('a thread that the system refuses is an error, and starts once it may', async () => {
  const { status, output, errors } = await runProgram('limited.mjs')
  expect({ status, errors }).toEqual({ status: 0, errors: '' })
  const refused = /\[threads\] starting a thread failed: .+; ulimit -u and a container's pids\.max say/
  expect(JSON.parse(output)).toEqual({
    noDeviceThread: expect.stringMatching(new RegExp(`^DeviceError: ${refused.source}`)),
    deviceThread: 512 * 512,
    noPool: expect.stringMatching(new RegExp(`^DeviceError: \\[\\w+\\] ${refused.source}`)),
    pool: 512 * 512,
  })
})
