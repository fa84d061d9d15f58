import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { promptTokens } from '../../lib/data/prompt.js'
import { listedRows } from '../../lib/data/synthetic/listed-rows.js'
import { drawSum, modularSumTokenizer, sumAnswer, sumText, workedSum } from '../../lib/data/synthetic/modular-sum.js'
import { modularSumSource } from '../../lib/data/synthetic/modular-sum-source.js'
import { RandomStream } from '../../lib/random.js'
import { gradeMath } from '../../lib/reward/grade-math.js'
import { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../../lib/tokenizer/word-level.js'

const right = { slip: 0, mend: 0, recheck: 0 }
const options = { minSteps: 1, maxSteps: 5, slip: 0.3, mend: 0.5, recheck: 0.3 }

async function tokenizer(): Promise<Tokenizer> {
  const folder = await mkdtemp(join(tmpdir(), 'lengthen-test-'))
  await writeWordLevelTokenizer(folder, modularSumTokenizer())
  const loaded = await Tokenizer.load(folder)
  await rm(folder, { recursive: true })
  return loaded
}

test('2 + 3 + 1 is 2 modulo 4, and its partial sums are 1 and 2', () => {
  expect(sumText([2, 3, 1])).toBe('2+3+1')
  expect(sumAnswer([2, 3, 1])).toBe('2')
  expect(workedSum([2, 3, 1], new RandomStream(1, 'any'), { minSteps: 1, maxSteps: 2, ...right })).toBe(
    '12</think>\\boxed{2}',
  )
})

test('a worked solution without slips is right, and one that slips and never mends is not always', () => {
  const random = new RandomStream(1, 'sums')
  const draw = () => drawSum(random, { minSteps: 1, maxSteps: 5, heldOut: false })
  const isRight = (text: string, answer: string) => gradeMath(text, answer).verdict === 'correct'
  for (let i = 0; i < 20; i++) {
    const digits = draw()
    expect(isRight(workedSum(digits, random, { ...options, ...right }), sumAnswer(digits)), sumText(digits)).toBe(true)
  }
  const sloppy = Array.from({ length: 20 }, () => {
    const digits = draw()
    return isRight(workedSum(digits, random, { ...options, mend: 0 }), sumAnswer(digits))
  })
  expect(new Set(sloppy)).toEqual(new Set([true, false]))
})

test('training never sees a held-out problem, and the held-out ones are different and the same for every seed', () => {
  const seen = modularSumSource(options, { seed: 1 }).rowsOf(0, 500)
  expect(seen.filter(({ problem }) => problem.at(0) === problem.at(-1))).toEqual([])
  const heldOut = modularSumSource(options, { seed: 1 }).heldOutRows(50)
  expect(new Set(heldOut.map(({ problem }) => problem)).size).toBe(50)
  expect(heldOut.every(({ problem }) => problem.at(0) === problem.at(-1))).toBe(true)
  expect(modularSumSource(options, { seed: 2 }).heldOutRows(50)).toEqual(heldOut)
})

test('where there are fewer held-out problems than asked for, it gives those there are', () => {
  const rows = modularSumSource({ ...options, maxSteps: 1 }, { seed: 1 }).heldOutRows(50)
  expect(rows.map(({ problem }) => problem).sort()).toEqual(['0+0', '1+1', '2+2', '3+3'])
})

test('the rows of a step depend on the seed and the step alone', () => {
  const source = modularSumSource(options, { seed: 1 })
  expect(source.rowsOf(3, 8)).toEqual(modularSumSource(options, { seed: 1 }).rowsOf(3, 8))
  expect(source.rowsOf(3, 8)).not.toEqual(source.rowsOf(4, 8))
  expect(source.rowsOf(3, 8)).not.toEqual(modularSumSource(options, { seed: 2 }).rowsOf(3, 8))
})

test('a problem of n additions is n + 2 tokens with the one that begins the answer, and a box is one', async () => {
  const loaded = await tokenizer()
  expect(loaded.vocabSize).toBe(16)
  for (const row of modularSumSource(options, { seed: 1 }).rowsOf(0, 20)) {
    const tokens = await promptTokens(row, { turn: '{problem}', tokenizer: loaded })
    expect(tokens.length, row.problem).toBe((row.problem.length - 1) / 2 + 2)
  }
  expect(loaded.encode('1 wait12</think>\\boxed{2}')).toHaveLength(5)
})

test('listed rows have names of their own, and pass rates spread evenly from 0 to 1', () => {
  const rows = listedRows(modularSumSource(options, { seed: 1 }), 5)
  expect(rows.map(({ id }) => id)).toEqual(['row 1', 'row 2', 'row 3', 'row 4', 'row 5'])
  expect(rows.map(({ passRate }) => passRate)).toEqual([0, 0.25, 0.5, 0.75, 1])
  expect(listedRows(modularSumSource(options, { seed: 1 }), 1)[0]?.passRate).toBe(0.5)
})

test('a range of steps that is none is refused', () => {
  const draw = (minSteps: number, maxSteps: number) => () =>
    drawSum(new RandomStream(1, 'any'), { minSteps, maxSteps, heldOut: false })
  for (const [min, max] of [
    [0, 3],
    [4, 3],
    [1, 41],
  ] as const)
    expect(draw(min, max)).toThrow(`[modular-sum] expected 1 <= minSteps <= maxSteps <= 40, got ${min} and ${max}`)
})
