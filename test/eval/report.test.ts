import { expect, test } from 'vitest'
import { measure } from '../../lib/eval/measure.js'
import { published } from '../../lib/eval/published.js'
import { evaluationReport } from '../../lib/eval/report.js'
import type { ResultAbout } from '../../lib/eval/result-record.js'
import { problemsOf } from './fake-records.js'

const about: ResultAbout = {
  ...{ type: 'evaluation', version: 1, model: { name: 'my|model', server: 'http://host/v1/chat/completions' } },
  protocol: {
    ...{ samplesPerProblem: 2, maxResponseTokens: 100, temperature: 0.6, topK: 5, topP: 0.95, seed: 3 },
    ...{ turn: '{problem}', needsThinkingClosed: true, mode: 'exact' },
  },
  sets: [{ name: 'amc', numProblems: 2, sha256: '' }],
}
const measuresOf = (letters: readonly string[]) => measure(problemsOf(letters), { seed: 3 })

test('a report says how it was made, and has a column a set', () => {
  const sets = [
    { name: 'amc', measures: measuresOf(['cc', 'cw']) },
    { name: 'own', measures: measuresOf(['ww', 'tu']) },
  ]
  const report = evaluationReport({ about, sets })
  const lines = report.split('\n')
  expect(lines[0]).toBe('# my\\|model')
  expect(lines[2]).toBe(
    '2 samples a problem, temperature 0.6, top-p 0.95, top-k 5, at most 100 new tokens, seed 3, ' +
      'grading exact, after `</think>` only; asked at http://host/v1/chat/completions.',
  )
  for (const row of [
    '|  | amc | own | mean of sets |',
    '| pass@1, % | 75.0 ± 25.0 | 0.0 ± 0.0 | 37.5 ± 12.5 |',
    '| pass@2, % | 100.0 | 0.0 |  |',
    '| majority@2, % | 75.0 | 0.0 |  |',
    '| truncated, % | 0.0 | 25.0 |  |',
    '| unparsed, % | 0.0 | 25.0 |  |',
  ])
    expect(lines).toContain(row)
  expect(report).not.toContain('failed**')
})

test('what was published stands beside, and a mean only where all its sets were run', () => {
  const all = Object.keys(published.deepscaler.sets).map((name) => ({ name, measures: measuresOf(['cc', 'ww']) }))
  const besideOf = (sets: typeof all) =>
    evaluationReport({ about, sets, beside: published.deepscaler })
      .split('\n')
      .filter((line) => line.startsWith('| **my'))
  const score = '50.0 ± 50.0'
  expect(besideOf(all)).toEqual([`| **my\\|model** | ${Array(5).fill(score).join(' | ')} | 50.0 ± 22.4 |`])
  expect(besideOf(all.slice(0, 1))).toEqual([`| **my\\|model** | ${score} | – | – | – | – | – |`])
})

test('published means are those of the published scores, as far as rounding both to a digit allows', () => {
  const { rows, sets } = published.deepscaler
  expect(Object.values(sets).reduce((sum, numProblems) => sum + numProblems, 0)).toBe(1560)
  for (const { scores, mean } of rows) {
    expect(Object.keys(scores).every((name) => name in sets)).toBe(true)
    if (mean === undefined) continue
    const own = Object.values(scores)
    expect(Math.abs(own.reduce((sum, score) => sum + score, 0) / own.length - mean)).toBeLessThan(0.05 + 0.05)
  }
})
