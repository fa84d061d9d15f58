// A sandbox that mounts no /proc: what Linux tells of a machine there is not to be had.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../helpers/source-files.js'

const withoutProc = (command: string) =>
  spawnSync('unshare', ['--mount', '--map-root-user', 'sh', '-c', `mount -t tmpfs none /proc && ${command}`], {
    encoding: 'utf8',
  })

test.skipIf(withoutProc('true').status !== 0)('the doctor does without /proc, and says nothing absurd', () => {
  const main = join(root, 'dist/cli/main.js')
  const { status, stdout } = withoutProc(`exec '${process.execPath}' '${main}' doctor --json --no-measure`)
  const { machine, engine } = JSON.parse(stdout)
  expect(status).toBe(0)
  expect(machine).toMatchObject({ cpu: 'unknown', instructionSets: [], numCpusByAffinity: null })
  expect(machine.numCpus).toBeGreaterThan(0)
  expect(engine.memoryBudgetBytes).toBe(machine.memoryLimitBytes ?? machine.memoryBytes)
})
