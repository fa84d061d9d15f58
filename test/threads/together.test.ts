// Several threads that load the addon share one device and one pool of threads.
import { expect, test } from 'vitest'
import { runProgram } from './run-program.js'

test('four threads that train at once, the main thread among them, give the bits of one that trains alone', async () => {
  const { status, output, errors } = await runProgram('bits.mjs')
  expect(errors).toBe('')
  expect(status).toBe(0)
  const { alone, together } = JSON.parse(output) as { alone: string; together: string[] }
  expect(alone).toMatch(/^[0-9a-f]{64}$/)
  expect(together).toEqual([alone, alone, alone, alone])
})
