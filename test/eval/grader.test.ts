import { expect, test, vi } from 'vitest'
import { mathGrader } from '../../lib/eval/grader.js'
import { GraderPool } from '../../lib/reward/pool/grader-pool.js'

test('what the pool could not grade keeps why', async () => {
  const nothing = { predicted: undefined, expected: undefined }
  const grades = vi.spyOn(GraderPool.prototype, 'grade').mockResolvedValue([
    { verdict: 'unparsed', why: 'no verdict', ...nothing, failure: 'deadline' },
    { verdict: 'unparsed', why: 'no box', ...nothing },
  ])
  const grader = mathGrader({ needsThinkingClosed: false, mode: 'exact' })
  const row = { id: 'a', problem: '1+1', answer: '2' }
  expect(await grader({ row, texts: ['a', 'b'] }, {})).toStrictEqual([
    { verdict: 'unparsed', why: 'no verdict', predicted: null, failure: 'deadline' },
    { verdict: 'unparsed', why: 'no box', predicted: null },
  ])
  grades.mockRestore()
})
