// Processes and workers that end in the middle of a step: by exit, by a signal, by an error that nobody catches.
import { describe, expect, test } from 'vitest'
import { runProgram } from './run-program.js'

const places = [
  ['the main thread', 'main'],
  ['a worker', 'worker'],
] as const

describe.each(places)('while %s trains', (_, where) => {
  const end = (how: string) => runProgram('end.mjs', ['training', where, how])

  test.concurrent('process.exit() ends the process with its status', async () => {
    expect(await end('exit')).toMatchObject({ status: 7, signal: null, errors: '' })
  })

  test.concurrent('SIGTERM, which nobody handles, ends it as ever', async () => {
    expect(await end('sigterm')).toMatchObject({ status: null, signal: 'SIGTERM', errors: '' })
  })

  test.concurrent.each(['throw', 'reject'])('an error that nobody catches is told and ends it: %s', async (how) => {
    const { status, signal, errors } = await end(how)
    expect({ status, signal }).toEqual({ status: 1, signal: null })
    expect(errors).toContain('Error: on purpose')
  })
})

describe('an error that nobody catches, thrown beside a reward', () => {
  test.concurrent('ends the process where the main thread trains', async () => {
    const { status, errors } = await runProgram('end.mjs', ['failingReward', 'main', 'nothing'])
    expect(status).toBe(1)
    expect(errors).toContain('Error: on purpose')
  })

  test.concurrent('ends the worker that trains, and the process goes on', async () => {
    const { status, output } = await runProgram('end.mjs', ['failingReward', 'worker', 'nothing'])
    expect(output).toBe('the worker: on purpose\nthe worker ended with 1\n')
    expect(status).toBe(0)
  })
})

test.concurrent.each(['reading', 'replay', 'rollout', 'recording', 'allocation'])(
  'process.exit() while a worker is busy with it: %s',
  async (kind) => {
    expect(await runProgram('end.mjs', [kind, 'worker', 'exit'])).toMatchObject({ status: 7, signal: null, errors: '' })
  },
)
