import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRows } from '../../lib/data/rows.js'
import { interrupted, lengthen } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const cwd = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const story = 'A farmer has 12 cows and 7 sheep in a field beside a river. He buys 5 more cows at the market on Monday.'

beforeAll(async () => {
  await writeTinyFolder(cwd)
  const first = [
    { question: story, answer: '12 + 7 + 5 is\n#### 24', level: 1 },
    { question: 'Prove that <b>1</b> | 2 is `so`.', answer: 'QED' },
    { question: 'What is 1 plus 1?', answer: '2' },
    { question: 'What is nothing at all?', answer: ' ' },
  ]
  const second = [
    { id: 'x', problem: story.replace('Monday', 'Friday'), answer: '24' },
    { id: 'y', problem: 'What is 1 plus 1', answer: '3', source: 'elsewhere' },
    { id: 'z', problem: 'Which number is the test about?', answer: '4' },
    { id: 'w', problem: ' 3:1+2', answer: ['5', '05'] },
  ]
  writeFileSync(join(cwd, 'first.jsonl'), lines(first))
  writeFileSync(join(cwd, 'second.jsonl'), lines(second))
  writeFileSync(join(cwd, 'test.jsonl'), lines([{ id: 't', problem: 'which number is the test about', answer: '4' }]))
  writeFileSync(join(cwd, 'broken.jsonl'), '{"problem":"p","answer":"1"}\n{"problem":7}\n')
})

const curateTo = (out: string, ...more: string[]) =>
  lengthen(
    ['data', 'curate', 'first.jsonl', 'second.jsonl', '--columns', 'first:problem=question', '--out', out, ...more],
    { cwd },
  )
const read = (out: string, name: string) => readFileSync(join(cwd, out, name), 'utf8')
const records = (out: string, name: string) =>
  read(out, name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('what is kept, dropped and found in the tests is written, with a report, and told', async () => {
  const { status, stdout, stderr } = await curateTo('a', '--against', 'test.jsonl')
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toContain('kept 3 of 8 rows (37.5%)\ntest: 1 of 1 test problem overlapped\neverything is in a\n')
  expect(records('a', 'kept.jsonl')).toEqual([
    {
      ...{ id: 'first/line 1', problem: story, answer: '24', source: 'first' },
      solution: '12 + 7 + 5 is\n#### 24',
      level: 1,
    },
    { id: 'first/line 3', problem: 'What is 1 plus 1?', answer: '2', source: 'first' },
    { id: 'w', problem: ' 3:1+2', answer: ['5', '05'], source: 'second' },
  ])
  const dropped = records('a', 'dropped.jsonl').map(({ reason, place, of }) => [reason, place, of?.place])
  expect(dropped).toEqual([
    ['proof', 'first.jsonl, line 2', undefined],
    ['noAnswer', 'first.jsonl, line 4', undefined],
    ['nearDuplicate', 'second.jsonl, line 1', 'first.jsonl, line 1'],
    ['duplicate', 'second.jsonl, line 2', 'first.jsonl, line 3'],
    ['testOverlap', 'second.jsonl, line 3', 'test.jsonl, line 1'],
  ])
  expect(records('a', 'overlaps.jsonl')).toMatchObject([
    { kind: 'exact', similarity: 1, test: { id: 't' }, row: { id: 'z' } },
  ])
  expect((await readRows(join(cwd, 'a/kept.jsonl'))).map(({ id }) => id)).toEqual(['first/line 1', 'first/line 3', 'w'])
})

test('the same input gives the same bytes, whatever the folder is called', async () => {
  await curateTo('b', '--against', 'test.jsonl')
  await curateTo('c/d', '--against', 'test.jsonl')
  const names = readdirSync(join(cwd, 'b')).sort()
  expect(names).toEqual(['dropped.jsonl', 'kept.jsonl', 'overlaps.jsonl', 'report.html', 'report.md', 'summary.json'])
  for (const name of names) expect(read('c/d', name)).toBe(read('b', name))
})

test('the report has plots, loads nothing, and shows what data sets say as text', async () => {
  await curateTo('e', '--against', 'test.jsonl')
  const html = read('e', 'report.html')
  expect(html.match(/<svg/g)).toHaveLength(3)
  expect(html).not.toMatch(/<script|<link|<img|src=|href=|@import|url\(/)
  expect(html).toContain('Content-Security-Policy')
  expect(read('e', 'report.md')).toContain('## Duplicates with different answers')
  expect(JSON.parse(read('e', 'summary.json'))).toMatchObject({ numRows: 8, numKept: 3, numConflicts: 1 })
})

test('--json prints the summary, and prompts are counted by the tokenizer', async () => {
  const { status, stdout } = await curateTo('f', '--json', '--tokenizer', 'model', '--max-prompt-tokens', '5')
  // The digits' tokenizer has no letters: the first row that it cannot encode is named.
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ type: 'error', code: 'TokenizerError' })
  const digits = ['data', 'curate', 'problems.jsonl', '--json', '--tokenizer', 'model', '--out', 'g']
  const fits = await lengthen([...digits, '--max-prompt-tokens', '100'], { cwd })
  const summary = JSON.parse(fits.stdout)
  expect(summary).toMatchObject({ type: 'summary', out: 'g', numRows: 6, promptLengths: { unit: 'tokens' } })
  const least = await lengthen(
    ['data', 'curate', 'problems.jsonl', '--json', '--tokenizer', 'model', '--out', 'h', '--max-prompt-tokens', '1'],
    { cwd },
  )
  expect(JSON.parse(least.stdout)).toMatchObject({ numKept: 0, dropped: { overlong: summary.numKept } })
})

test('embeddings by a model drop what no other check finds, and only between data sets', async () => {
  const problems = [' 3:1+2', ' 4:2+5', ' 7:1+6', ' 2:8+1']
  const write = (name: string, some: string[]) =>
    writeFileSync(join(cwd, `${name}.jsonl`), lines(some.map((problem) => ({ problem, answer: '1' }))))
  write('one', problems)
  write('other', [...problems.map((problem) => `${problem}+1`), ' 5:9+9'])
  const args = ['data', 'curate', 'one.jsonl', 'other.jsonl', '--json']
  const without = JSON.parse((await lengthen([...args, '--out', 'i'], { cwd })).stdout)
  expect(without).toMatchObject({ numKept: 9 })
  const embedded = await lengthen([...args, '--embeddings', 'model', '--out', 'embedded', '--cosine', '0.8'], { cwd })
  const summary = JSON.parse(embedded.stdout)
  expect(summary.sources[0]).toMatchObject({ source: 'one', numKept: 4 })
  expect(summary.dropped.similar).toBeGreaterThan(0)
  expect(summary.numKept + summary.dropped.similar).toBe(9)
})

test('own ids stay though lines end like them, and columns are taken away only where they are mapped', async () => {
  writeFileSync(
    join(cwd, 'ids.jsonl'),
    lines([
      { id: '1', problem: 'What is one?', answer: '1', question: 'kept as it is' },
      { id: 'e 2', problem: 'What is two?', answer: '2' },
    ]),
  )
  writeFileSync(join(cwd, 'asked.jsonl'), lines([{ question: 'What is three?', answer: '3' }]))
  const args = ['data', 'curate', 'ids.jsonl', 'asked.jsonl', '--columns', 'asked:problem=question', '--out', 'ids']
  const { status, stderr } = await lengthen(args, { cwd })
  expect([status, stderr]).toEqual([0, ''])
  expect(records('ids', 'kept.jsonl')).toEqual([
    { id: '1', problem: 'What is one?', answer: '1', source: 'ids', question: 'kept as it is' },
    { id: 'e 2', problem: 'What is two?', answer: '2', source: 'ids' },
    { id: 'asked/line 1', problem: 'What is three?', answer: '3', source: 'asked' },
  ])
})

test('an interrupt leaves nothing behind', async () => {
  const many = Array.from({ length: 60_000 }, (_, i) => ({ problem: `${story} And ${i} ${i * 7}`, answer: `${i}` }))
  writeFileSync(join(cwd, 'many.jsonl'), `bad\n${lines(many)}`)
  const args = ['data', 'curate', 'many.jsonl', '--out', 'j', '--json', '--max-bad-rows', '1']
  const { status, stdout, tookMs } = await interrupted(args, { cwd, when: (stdout) => stdout.includes('badRow') })
  const [badRow, error] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(badRow).toMatchObject({ type: 'badRow', file: 'many.jsonl', place: 'line 1' })
  expect(error).toMatchObject({ type: 'error', interrupted: true })
  expect(status).toBe(1)
  expect(tookMs).toBeLessThan(2000)
  expect(readdirSync(cwd).filter((name) => name.startsWith('j') || name.startsWith('.j'))).toEqual([])
})

test.each<[string, string[], number, RegExp]>([
  ['no folder', ['first.jsonl'], 2, /required option '--out <folder>' not specified/],
  ['no input', ['--out', 'k'], 2, /missing required argument 'in'/],
  ['a mapping without =', ['first.jsonl', '--out', 'k', '--columns', 'problem'], 2, /Expected field=column/],
  [
    'columns of a data set that is not there',
    ['first.jsonl', '--out', 'k', '--columns', 'third:problem=question'],
    2,
    /^lengthen: --columns third: expected one of first\n$/,
  ],
  [
    'a tokenizer without a limit',
    ['first.jsonl', '--out', 'k', '--tokenizer', 'model'],
    2,
    /--max-prompt-tokens together/,
  ],
  ['a file that is not there', ['none.jsonl', '--out', 'k'], 2, /none\.jsonl: cannot be read: ENOENT/],
  [
    'a tokenizer that is not there',
    ['first.jsonl', '--columns', 'problem=question', '--out', 'k', '--tokenizer', 'none', '--max-prompt-tokens', '9'],
    2,
    /none: cannot be read/,
  ],
  [
    'a model that is not there',
    ['first.jsonl', '--columns', 'problem=question', '--out', 'k', '--embeddings', 'none'],
    2,
    /none: cannot be read/,
  ],
  ['a bad row', ['broken.jsonl', '--out', 'k'], 1, /^lengthen: broken\.jsonl, line 2: problem: expected text\n$/],
  ['a folder with something in it', ['second.jsonl', '--out', 'model'], 2, /expected a new or empty folder, got model/],
  [
    'a split of a file',
    ['first.jsonl', '--out', 'k', '--split', 'x'],
    2,
    /--split: .* got first\.jsonl: a file has no/,
  ],
  ['a subset of files', ['first.jsonl', '--out', 'k', '--subset', 'x'], 2, /--subset: expected a folder or a name/],
  [
    'a split of no test set',
    ['first.jsonl', '--out', 'k', '--against-split', 'x'],
    2,
    /--against-split: .* got no data set/,
  ],
  ['a similarity of 0', ['second.jsonl', '--out', 'k', '--near', '0'], 2, /Expected a number above 0, at most 1/],
])('%s is one clear message', async (_, args, expected, message) => {
  const { status, stdout, stderr } = await lengthen(['data', 'curate', ...args], { cwd })
  expect(stderr).toMatch(message)
  expect([status, stdout]).toEqual([expected, ''])
})

test('bad rows are passed over where so many are allowed, and named', async () => {
  mkdirSync(join(cwd, 'empty'))
  const args = ['data', 'curate', 'broken.jsonl', '--out', 'empty', '--max-bad-rows', '1']
  const { status, stdout, stderr } = await lengthen(args, { cwd })
  expect(status).toBe(0)
  expect(stderr).toBe('lengthen: passed over broken.jsonl, line 2: problem: expected text\n')
  expect(stdout).toContain('kept 1 of 1 row (100.0%)')
})
