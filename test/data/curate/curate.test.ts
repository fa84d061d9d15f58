import { expect, test } from 'vitest'
import { curate } from '../../../lib/data/curate/curate.js'
import { goldAnswers } from '../../../lib/data/curate/gold-answer.js'
import { isProofAnswer, isProofProblem } from '../../../lib/data/curate/proof.js'
import { summaryOf } from '../../../lib/data/curate/report/summary.js'
import { type CurationOptions, dropReasons, type SourcedRow } from '../../../lib/data/curate/types.js'
import type { Row } from '../../../lib/data/row.js'

const rowsOf = (source: string, rows: { problem: string; answer?: string | string[]; [field: string]: unknown }[]) =>
  rows.map(
    ({ problem, ...rest }, i): SourcedRow => ({
      row: { id: `${source}-${i}`, problem, ...rest },
      source,
      place: `${source}.jsonl, line ${i + 1}`,
    }),
  )

/** Numbers are read, anything else is not. */
const options: CurationOptions = {
  readAnswer: (text) =>
    /^-?\d+$/.test(text) ? { kind: 'integer', canonical: text } : { kind: undefined, why: 'not a number' },
  isSameAnswer: (a, b) => Number(a) === Number(b),
}

const reasonsOf = async (rows: SourcedRow[], tests: SourcedRow[] = [], more: Partial<CurationOptions> = {}) => {
  const { kept, dropped, overlaps } = await curate(rows, tests, { ...options, ...more })
  return {
    kept: kept.map(({ row }) => row.id),
    dropped: dropped.map(({ row, reason, of }) => [row.id, reason, ...(of ? [of.id] : [])]),
    overlaps: overlaps.map(({ test, row, kind }) => [test.row.id, row.row.id, kind]),
  }
}

const long = 'A farmer has 12 cows and 7 sheep in a field beside a river. He buys 5 more cows at the market on Monday.'

test.each<[string, object, string[]]>([
  ['the answer itself', { answer: ' 12 ' }, ['12']],
  ['a boxed answer', { answer: 'so it is \\boxed{\\frac{1}{2}}.' }, ['\\frac{1}{2}']],
  ['the last mark of GSM8K', { answer: 'a #### 1\nb\n#### 1,000\n' }, ['1,000']],
  ['several answers', { answer: ['1', '\\boxed{2}'] }, ['1', '2']],
  ['what a solution marks', { solution: 'thus \\boxed{3}' }, ['3']],
  ['nothing that a solution does not mark', { solution: 'thus 3' }, []],
  ['nothing from an empty answer', { answer: '  ' }, []],
  ['nothing from an empty mark', { answer: 'so\n####' }, []],
  ['the answer before the solution', { answer: '4', solution: '\\boxed{5}' }, ['4']],
])('a row gives %s', (_, row, expected) => expect(goldAnswers({ id: 'a', problem: 'p', ...row })).toEqual(expected))

test.each([
  ['Prove that there are infinitely many primes.', true],
  ['Let $n$ be odd. Show that $n^2$ leaves 1.', true],
  ['Show that the sum is constant and find its value.', false],
  ['It can be shown that x > 0. Compute x.', false],
  ['How many ways prove that true?', false],
])('%s asks for a proof and nothing else: %s', (problem, expected) => expect(isProofProblem(problem)).toBe(expected))

test('an answer may be a proof, too', () => {
  expect(['Proof. Let x', 'see solution', 'QED', '\\blacksquare'].map(isProofAnswer)).toEqual([true, true, true, true])
  expect(['12', 'proofreader', 'x=1'].map(isProofAnswer)).toEqual([false, false, false])
})

test('a row is dropped for the first reason there is, and the earlier of two duplicates stays', async () => {
  const rows = rowsOf('a', [
    { problem: long, answer: '17' },
    { problem: 'Prove that one is one.', answer: '1' },
    { problem: 'What is nothing?' },
    { problem: 'What is this?', answer: 'hmm' },
    { problem: `${long.replace('farmer has', 'FARMER  Has')}  `, answer: '17' },
    { problem: long.replace('Monday', 'Tuesday'), answer: '18' },
    { problem: 'What is one and one?', answer: '2' },
  ])
  expect(await reasonsOf(rows)).toEqual({
    kept: ['a-0', 'a-6'],
    dropped: [
      ['a-1', 'proof'],
      ['a-2', 'noAnswer'],
      ['a-3', 'unreadableAnswer'],
      ['a-4', 'duplicate', 'a-0'],
      ['a-5', 'nearDuplicate', 'a-0'],
    ],
    overlaps: [],
  })
})

test('a duplicate with another answer is said to have one', async () => {
  const rows = rowsOf('a', [
    { problem: 'How many?', answer: '1' },
    { problem: 'how many', answer: '01' },
    { problem: 'How many!?', answer: '1' },
    { problem: 'how  many?', answer: '2' },
  ])
  const { dropped } = await curate(rows, [], options)
  expect(dropped.map(({ why, of }) => [of?.hasSameAnswer, why])).toEqual([
    [true, 'the text of "a-0" at a.jsonl, line 1'],
    [false, 'the text of "a-0" at a.jsonl, line 1, with another answer'],
  ])
})

test('reasons are listed in the order in which the checks are made', async () => {
  const rows = rowsOf('a', [{ problem: 'Prove that one is one.' }, { problem: 'What is nothing?' }])
  const { dropped } = await curate(rows, [], options)
  const found = dropped.map(({ reason }) => reason)
  expect(found).toEqual(dropReasons.slice(0, 2))
})

test('near-duplicates with another answer are counted beside the exact ones', async () => {
  const rows = rowsOf('a', [
    { problem: long, answer: '17' },
    { problem: long, answer: '18' },
    { problem: long.replace('Monday', 'Tuesday'), answer: '19' },
    { problem: long.replace('Monday', 'Sunday'), answer: '17' },
  ])
  expect(summaryOf(await curate(rows, [], options), []).numConflicts).toBe(2)
})

test('what overlaps a test problem goes, and is told problem by problem, for rows that other reasons drop as well', async () => {
  const tests = rowsOf('test', [{ problem: 'Not seen anywhere else at all.' }, { problem: long, answer: '17' }])
  const rows = rowsOf('a', [
    { problem: long, answer: '17' },
    { problem: long.replace('Monday', 'Tuesday'), answer: '17' },
    { problem: `${long} ${'He then goes home and sleeps for a very long time in his bed. '.repeat(2)}`, answer: '17' },
    { problem: long },
    { problem: 'A farmer has 12 cows.', answer: '12' },
  ])
  expect(await reasonsOf(rows, tests)).toEqual({
    kept: ['a-4'],
    dropped: [
      ['a-0', 'testOverlap', 'test-1'],
      ['a-1', 'testOverlap', 'test-1'],
      ['a-2', 'testOverlap', 'test-1'],
      ['a-3', 'noAnswer'],
    ],
    overlaps: [
      ['test-1', 'a-0', 'exact'],
      ['test-1', 'a-1', 'near'],
      ['test-1', 'a-2', 'contained'],
      ['test-1', 'a-3', 'exact'],
    ],
  })
})

test('a prompt one token over the limit goes, one at the limit stays, and tokens are counted of no other row', async () => {
  const rows = rowsOf('a', [
    { problem: 'one two', answer: '1' },
    { problem: 'one two three', answer: '1' },
    { problem: 'one two three four' },
  ])
  const counted: string[] = []
  const count = async (asked: readonly Row[]) => {
    counted.push(...asked.map(({ id }) => id))
    return asked.map(({ problem }) => problem.split(' ').length)
  }
  const { kept, dropped } = await curate(rows, [], { ...options, promptTokens: { count, max: 2 } })
  expect(kept.map(({ row, numPromptTokens }) => [row.id, numPromptTokens])).toEqual([['a-0', 2]])
  expect(dropped[0]).toMatchObject({ reason: 'overlong', why: 'a prompt of 3 tokens, more than 2' })
  expect(counted).toEqual(['a-0', 'a-1'])
})

test('embeddings drop what another source or a test says in other words, but nothing of the same source', async () => {
  const tests = rowsOf('test', [{ problem: 'north' }])
  const first = rowsOf('a', [
    { problem: 'east', answer: '1' },
    { problem: 'nearly east', answer: '1' },
    { problem: 'nearly north', answer: '1' },
  ])
  const second = rowsOf('b', [
    { problem: 'about east', answer: '2' },
    { problem: 'south', answer: '1' },
    { problem: 'void', answer: '1' },
    { problem: 'nothing', answer: '1' },
  ])
  const directions: Record<string, number[]> = {
    ...{ north: [0, 1], east: [1, 0], 'nearly east': [2, 0.2], 'nearly north': [0.1, 1], 'about east': [1, -0.1] },
    ...{ south: [0, -3], void: [0, 0], nothing: [0, 0] },
  }
  const embed = async (texts: readonly string[]) => texts.map((text) => Float32Array.from(directions[text] as number[]))
  expect(await reasonsOf([...first, ...second], tests, { embeddings: { embed, threshold: 0.9 } })).toEqual({
    kept: ['a-0', 'a-1', 'b-1', 'b-2', 'b-3'],
    dropped: [
      ['a-2', 'testOverlap', 'test-0'],
      ['b-0', 'similar', 'a-0'],
    ],
    overlaps: [['test-0', 'a-2', 'similar']],
  })
})

test('an aborted curation throws the reason of its signal', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(curate(rowsOf('a', [{ problem: 'p', answer: '1' }]), [], { ...options, signal })).rejects.toThrow(
    'enough',
  )
})
