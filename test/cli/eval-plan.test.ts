import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Asked, AskedSet } from '../../lib/cli/eval/asked.js'
import { planEvaluation, planText } from '../../lib/cli/eval/plan.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const asked = (set: AskedSet): Asked => ({
  model: { path: 'model' },
  sets: [set],
  protocol: {
    ...{ samplesPerProblem: 2, maxResponseTokens: 10, temperature: 1, topK: 0, topP: 1, seed: 0 },
    ...{ turn: '{problem}', needsThinkingClosed: true, mode: 'exact' },
  },
  beside: undefined,
})

/** A set of so many rows. */
function writeSet(numRows: number, numProblems?: number): AskedSet {
  const path = join(temporaryFolder(), 'a.jsonl')
  const rows = Array.from({ length: numRows }, (_, i) => `{"id":"${i}","problem":"p","answer":"1"}\n`)
  writeFileSync(path, rows.join(''))
  return { name: 'a', source: { path }, numProblems }
}

test('data that is not there is planned by the size it must have', async () => {
  const path = join(temporaryFolder(), 'no.jsonl')
  const plan = await planEvaluation(asked({ name: 'a', source: { path }, numProblems: 40 }))
  expect(plan).toMatchObject({ sets: [{ isThere: false, numProblems: 40 }], numAnswers: 80, mostTokens: 800 })
  expect(planText(plan)).toContain(`${path} (not there)`)
  const unknown = await planEvaluation(asked({ name: 'a', source: { path: 'nobody/nothing-at-all' } }))
  expect(unknown).toMatchObject({ sets: [{ isThere: false, numProblems: null }], numAnswers: 0 })
})

test('data of another size than it must have fails as the evaluation would', async () => {
  expect(await planEvaluation(asked(writeSet(40, 40)), 3)).toMatchObject({ numAnswers: 6, sets: [{ isThere: true }] })
  await expect(planEvaluation(asked(writeSet(40, 39)))).rejects.toThrow(/a\.jsonl: expected 39 problems for a, got 40/)
})

test('an empty file is there, and no data', async () => {
  await expect(planEvaluation(asked(writeSet(0)))).rejects.toThrow(/a\.jsonl: expected at least one row/)
})
