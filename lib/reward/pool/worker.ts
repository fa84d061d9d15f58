// The program of a worker process: grades batch after batch until its parent lets go of it.
// Its argument is the URL of the module that has gradeMath.
import { writeSync } from 'node:fs'
import { messageOf } from '../../errors.js'
import { withDeadline } from '../../tokenizer/deadline.js'
import type { Grade, gradeMath } from '../grade-math.js'
import type { GradingBatch, GradingPair, WorkerLine } from './messages.js'

const stdout = 1
const grader = (await import(process.argv[2] as string)) as { gradeMath: typeof gradeMath }

process.on('SIGINT', () => {}) // An interrupt is for the parent to handle.
process.on('message', (batch: GradingBatch) => {
  const longestMs = Math.min(2 ** 31 - 1, (batch.pairs.length + 1) * batch.deadlineMs)
  // The parent ends what hangs. Should it be gone, this does.
  withDeadline(
    () => gradeAll(batch),
    longestMs,
    () => new Error('the batch was not done in time'),
  )
})
tell('ready')

function gradeAll({ pairs, options }: GradingBatch): void {
  tell('begun')
  for (const pair of pairs) tell(gradeOne(pair, options))
}

function gradeOne({ answer, gold }: GradingPair, options: GradingBatch['options']): Grade {
  try {
    return grader.gradeMath(answer, gold, options)
  } catch (error) {
    return {
      verdict: 'unparsed',
      why: `the grader failed: ${messageOf(error)}`,
      predicted: undefined,
      expected: undefined,
    }
  }
}

function tell(line: WorkerLine): void {
  let bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  while (bytes.length > 0) bytes = bytes.subarray(writeSync(stdout, bytes))
}
