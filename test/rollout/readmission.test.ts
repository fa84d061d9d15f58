import { expect, test } from 'vitest'
import { type AnswerLoad, hasRoomForAll, largestReadmission } from '../../lib/rollout/readmission.js'
import { Scheduler, type SchedulerLimits } from '../../lib/rollout/scheduler.js'
import { append, makeSequence, numTokens, type Sequence } from '../../lib/rollout/sequence.js'

const load: AnswerLoad = { numPrompts: 3, numAnswers: 4, numPromptTokens: 20, maxResponseTokens: 90 }
const limits = (numBlocks: number, changes: Partial<SchedulerLimits> = {}): SchedulerLimits => ({
  ...{ numBlocks, blockSize: 16, maxBatch: 10, maxPrefillTokens: 300 },
  ...changes,
})

/** Runs a scheduler to its end, every answer at its longest: how often it preempts, and its largest prefill of preempted ones. */
function simulate(load: AnswerLoad, limits: SchedulerLimits): { numPreemptions: number; mostTokens: number } {
  const sequences: Sequence[] = []
  for (let index = 0; index < load.numPrompts; index++) {
    const prompt = { index, tokens: new Int32Array(load.numPromptTokens) }
    for (let answerIndex = 0; answerIndex < load.numAnswers; answerIndex++)
      sequences.push(makeSequence(prompt, { answerIndex, order: sequences.length, sequenceId: sequences.length }))
  }
  const scheduler = new Scheduler(sequences, limits, load.maxResponseTokens)
  const rule = { stopTokens: new Set<number>(), maxResponseTokens: load.maxResponseTokens }
  let mostTokens = 0
  for (let step = scheduler.next(); step.kind !== 'done'; step = scheduler.next()) {
    const ran = step.kind === 'prefill' ? step.entries.flatMap((entry) => entry.sequences) : step.sequences
    if (step.kind === 'prefill' && ran.every(({ answer }) => answer.length > 0))
      mostTokens = Math.max(
        mostTokens,
        ran.reduce((sum, sequence) => sum + numTokens(sequence), 0),
      )
    for (const sequence of ran) append(sequence, { token: 1, logprob: 0 }, rule)
  }
  return { numPreemptions: scheduler.numPreemptions, mostTokens }
}

test('where there is room for all none is preempted, and without it the largest readmission is no larger than told', () => {
  const seen = { room: 0, none: 0 }
  for (const changes of [{}, { maxBatch: 3 }, { maxPrefillTokens: 100 }])
    for (let numBlocks = 7; numBlocks <= 90; numBlocks++) {
      const { numPreemptions, mostTokens } = simulate(load, limits(numBlocks, changes))
      const told = largestReadmission(load, limits(numBlocks, changes))
      expect(told.numSequences * told.numTokens).toBeGreaterThanOrEqual(mostTokens)
      const hasRoom = hasRoomForAll(load, limits(numBlocks, changes))
      if (hasRoom) expect(numPreemptions).toBe(0)
      seen[hasRoom ? 'room' : 'none'] += numPreemptions
    }
  expect(seen.none).toBeGreaterThan(100)
})

test('one sequence longer than a prefill may be goes alone', () => {
  expect(largestReadmission(load, limits(40, { maxPrefillTokens: 50 }))).toEqual({ numSequences: 1, numTokens: 109 })
})
