import { expect, test, vi } from 'vitest'
import { count, duration, percent, table, withError } from '../../lib/cli/format.js'
import { jsonReporter } from '../../lib/cli/reporter.js'
import { textReporter } from '../../lib/cli/text-reporter.js'
import type { PhaseReport, RunEvent, StepMetrics } from '../../lib/train/events.js'

const escapeCode = String.fromCharCode(27)
const colours = new RegExp(`${escapeCode}\\[\\d+m`, 'g')

function shown(events: readonly RunEvent[], { isTTY, columns = 200 }: { isTTY: boolean; columns?: number }): string {
  const pieces: string[] = []
  const output = { isTTY, columns, write: (text: string) => pieces.push(text) }
  const reporter = textReporter(output)
  for (const event of events) reporter.report(event)
  reporter.close()
  return pieces.join('').replaceAll(colours, '')
}

const metrics: StepMetrics = {
  ...{ step: 1, stage: 0, maxResponseTokens: 8, reward: 0.5, passRate: 0.5, meanTokens: 7.25, maxTokens: 8 },
  ...{ truncatedShare: 0.25, entropy: 1.5, loss: 0, clipFraction: 0, ratio: 1, rolloutKl: 0, referenceKl: 0 },
  ...{ gradientNorm: 1, maxLogprobDifference: 0, repeatedShare: 0, unparsedShare: 0, uniformShare: 0 },
  ...{ entropyWeight: 0, klWeight: 0, numBatches: 1, numRounds: 1, numGroups: 2, numSampledGroups: 2 },
  numMaskedAnswers: 0,
  ...{ learningRate: 1e-3, numSamples: 8, numMissingRewards: 0, rolloutTokensPerSecond: 1, trainTokensPerSecond: 1 },
  seconds: 0.52,
}
const step = (n: number): RunEvent => ({ type: 'step', ...metrics, step: n })
const base: PhaseReport = {
  ...{ name: 'base', passAt1: 0.282, standardError: 0.0124, meanTokens: 50.04, truncatedShare: 0.1, seconds: 1 },
}
const stage1: PhaseReport = {
  ...{ ...base, name: 'stage 1', passAt1: 0.5 },
  atOwnLimit: {
    before: { maxResponseTokens: 32, passAt1: 0.1, standardError: 0.01 },
    after: { maxResponseTokens: 32, passAt1: 0.2, standardError: 0.02 },
  },
}

test('numbers read as people write them', () => {
  expect([0, 999, 12_345, 1_234_567, 2.5e9].map(count)).toEqual(['0', '999', '12.3K', '1.23M', '2.50B'])
  expect([0, 59.6, 75, 3725].map(duration)).toEqual(['0:00', '1:00', '1:15', '1:02:05'])
  expect([percent(0.4567), withError(0.4567, 0.0123)]).toEqual(['45.7%', '45.7 ± 1.2'])
})

test('a table is aligned, its first column to the left', () => {
  expect(
    table(
      ['name', 'n'],
      [
        ['a', '10'],
        ['long name', '5'],
      ],
    ).split('\n'),
  ).toEqual(['name         n', '─────────   ──', 'a           10', 'long name    5'])
})

test('a log file gets every fifth step as a plain line', () => {
  const text = shown(
    Array.from({ length: 10 }, (_, i) => step(i + 1)),
    { isTTY: false },
  )
  expect(text.split('\n')).toEqual([
    '  step   5  reward 0.500  length 7.3  truncated 25.0%  entropy 1.500  0.5 s',
    '  step  10  reward 0.500  length 7.3  truncated 25.0%  entropy 1.500  0.5 s',
    '',
  ])
})

test('a terminal gets one line, rewritten, no wider than it is, and cleared at the end', () => {
  const lines = shown([step(1), step(2)], { isTTY: true, columns: 40 }).split(`\r${escapeCode}[2K`)
  expect(lines).toEqual(['', '  step   1  reward 0.500  length 7.3  t', '  step   2  reward 0.500  length 7.3  t', ''])
})

test('a phase of several sets has a line for each', () => {
  const sets = [
    { name: 'aime', passAt1: 0.2, standardError: 0.02 },
    { name: 'amc', passAt1: 0.5, standardError: 0.01 },
  ]
  expect(shown([{ type: 'phase', phase: { ...base, sets } }], { isTTY: false }).split('\n')).toEqual([
    'base: held-out pass@1 28.2 ± 1.2',
    '  aime 20.0 ± 2.0',
    '  amc 50.0 ± 1.0',
    '',
  ])
})

test('the summary is a table of the phases, with each stage’s own limit', () => {
  const text = shown([{ type: 'summary', run: 'runs/a-1', phases: [base, stage1], weightsSha256: '', seconds: 125 }], {
    isTTY: false,
  })
  expect(text.trim().split('\n')).toEqual([
    'phase     held-out pass@1, %   at its own limit, before → after   mean tokens   truncated',
    '───────   ──────────────────   ────────────────────────────────   ───────────   ─────────',
    'base              28.2 ± 1.2                                             50.0       10.0%',
    'stage 1           50.0 ± 1.2        32: 10.0 ± 1.0 → 20.0 ± 2.0          50.0       10.0%',
    '',
    '2:05 in all; everything is in runs/a-1',
  ])
})

test('a supervised phase that missed its level is said aloud, one that reached it is not', () => {
  const missed = { type: 'distillEnd', step: 1200, level: 0.05, meanLoss: 0.0712, isLevelReached: false } as const
  expect(shown([missed], { isTTY: false })).toBe(
    'the supervised phase has not reached its level: mean loss 0.071 after 1200 steps, distill.until.loss 0.05\n',
  )
  expect(shown([{ ...missed, isLevelReached: true }], { isTTY: false })).toBe('')
})

test('the example shows both answers and whether they are right', () => {
  const before = { text: 'a', reward: 0, numTokens: 3 }
  const after = { text: 'b', reward: 1, numTokens: 2 }
  const event: RunEvent = { type: 'example', problem: '1+1', expected: '2', before, after }
  expect(shown([event], { isTTY: false }).trim().split('\n')).toEqual([
    'one held-out problem: 1+1   answer 2',
    ...['before (wrong, 3 tokens)', 'a', 'after (right, 2 tokens)', 'b'],
  ])
})

test('on a terminal an answer’s control characters are shown, not obeyed', () => {
  const answer = { text: 'a\u001b[2Jb', reward: 0, numTokens: 3 }
  const event: RunEvent = { type: 'example', problem: '1+1', expected: '2', before: answer, after: answer }
  expect(shown([event], { isTTY: true })).toContain('\na␛[2Jb\n')
})

test('a log file has no colours, in CI neither', () => {
  vi.stubEnv('CI', 'true').stubEnv('NO_COLOR', undefined).stubEnv('FORCE_COLOR', undefined)
  const pieces: string[] = []
  textReporter({ write: (text) => pieces.push(text) }).report({ type: 'phase', phase: base })
  vi.unstubAllEnvs()
  expect(pieces).toEqual(['base: held-out pass@1 28.2 ± 1.2\n'])
})

test('programs get one JSON object a line', () => {
  const lines: string[] = []
  const reporter = jsonReporter({ write: (text) => lines.push(text) })
  reporter.report(step(1))
  reporter.close()
  expect(lines).toEqual([`${JSON.stringify(step(1))}\n`])
})
