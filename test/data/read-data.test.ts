import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parquetWriteFile } from 'hyparquet-writer'
import { expect, test, vi } from 'vitest'
import { decodeParquet } from '../../lib/data/formats/parquet/decode.js'
import type { ReadOptions } from '../../lib/data/read-data.js'
import { readRows } from '../../lib/data/rows.js'
import type { DataSource } from '../../lib/data/source.js'
import { runScript } from '../helpers/script.js'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const fileWith = (name: string, text: string) => join(folderWith({ [name]: text }), name)

async function ids(source: DataSource, options?: ReadOptions): Promise<string[]> {
  return (await readRows(source, options)).map(({ id }) => id)
}

test('GSM8K loads as it is: the answer is what follows its marker, and the worked solution stays', async () => {
  const rows = await readRows({
    path: join(root, 'test/fixtures/gsm8k/test.jsonl'),
    columns: { problem: 'question', answer: 'answer', solution: 'answer' },
    answerAfter: '####',
  })
  expect(rows.map(({ answer }) => answer)).toEqual(['18', '3', '70000', '540', '20'])
  expect(rows[0]).toMatchObject({ id: 'line 1', problem: expect.stringMatching(/^Janet’s ducks lay 16 eggs/) })
  expect(rows[0]?.solution).toMatch(/^Janet sells 16 - 3 - 4 .*\n#### 18$/s)
})

test('fields come from columns of other names, from nested ones too, and the others keep theirs', async () => {
  const record = {
    prompt: [{ content: 'p' }],
    model: { truth: [1, '2'] },
    'a.b': 'dotted',
    problem: 'hidden',
    level: 5,
  }
  const path = fileWith('a.jsonl', JSON.stringify(record))
  const columns = { id: 'a.b', problem: 'prompt.0.content', answer: 'model.truth' }
  expect(await readRows({ path, columns })).toEqual([{ ...record, id: 'dotted', problem: 'p', answer: ['1', '2'] }])
})

test.each<[string, object, Partial<DataSource>, RegExp]>([
  [
    'a column that is missing',
    { q: 'p' },
    { columns: { problem: 'question' } },
    /expected a column "question", got q$/,
  ],
  ['a path into nothing', { q: { a: 1 } }, { columns: { problem: 'q.b' } }, /expected a column "q\.b", got q$/],
  [
    'a path into what all objects have',
    { q: 'p' },
    { columns: { problem: 'q.length' } },
    /expected a column "q\.length"/,
  ],
  [
    'no marker',
    { problem: 'p', answer: 'so 3' },
    { answerAfter: '####' },
    /answer: expected text behind "####", got "so 3"$/,
  ],
  ['nothing behind the marker', { problem: 'p', answer: '#### ' }, { answerAfter: '####' }, /expected text behind/],
  ['no text to look for the marker in', { problem: 'p', answer: 3 }, { answerAfter: '####' }, /behind "####", got 3$/],
  [
    'an answer that float64 does not hold',
    { problem: 'p', answer: 2 ** 53 },
    {},
    /answer: expected text: a number this large/,
  ],
])('%s is an error with its line', async (_, record, source, message) => {
  const path = fileWith('a.jsonl', `\n${JSON.stringify(record)}`)
  await expect(readRows({ path, ...source })).rejects.toMatchObject({
    ...{ code: 'FileFormatError', place: 'line 2' },
    message: expect.stringMatching(message),
  })
})

test('bad rows are passed over as far as allowed, and told of', async () => {
  const path = fileWith('a.jsonl', '{"problem":"a"}\nno\n{"problem":3}\n{"problem":"b","id":"line 1"}\n{"problem":"c"}')
  const told: string[] = []
  const onBadRow = ({ message }: Error) => void told.push(message.replace(/^.*\//, ''))
  expect(await ids({ path, maxBadRows: 3 }, { onBadRow })).toEqual(['line 1', 'line 5'])
  expect(told).toEqual([
    expect.stringMatching(/^a\.jsonl, line 2: not JSON/),
    'a.jsonl, line 3: problem: expected text',
    'a.jsonl, line 4: id "line 1" is there twice',
  ])
  await expect(ids({ path, maxBadRows: 2 })).rejects.toThrow(
    /a\.jsonl, line 4: id "line 1" is there twice; expected at most 2 bad rows \(maxBadRows\), got one more$/,
  )
  await expect(ids({ path })).rejects.toThrow(/a\.jsonl, line 2: not JSON: [^;]*$/)
})

test('a row without an answer is bad only where answers are needed', async () => {
  const path = fileWith('a.csv', 'id,problem,answer\nx,a,\ny,b,1\n')
  expect(await ids({ path })).toEqual(['x', 'y'])
  expect(await ids({ path, maxBadRows: 1 }, { needsAnswer: true })).toEqual(['y'])
  await expect(ids({ path }, { needsAnswer: true })).rejects.toThrow(/line 2, row "x": expected an answer, got none$/)
})

test('a folder’s files are read in order of name, and rows without an id are known by file and place', async () => {
  const line = (problem: string) => `${JSON.stringify({ problem })}\n`
  const path = folderWith({
    'b/2.jsonl': line('y') + line('z'),
    'b/1.jsonl': line('x'),
    'notes.txt': 'no',
    'dataset_infos.json': '{}',
  })
  expect(await readRows(path)).toEqual([
    { id: 'b/1.jsonl line 1', problem: 'x' },
    { id: 'b/2.jsonl line 1', problem: 'y' },
    { id: 'b/2.jsonl line 2', problem: 'z' },
  ])
})

test('a file of a folder may not be a link out of it', async () => {
  const path = folderWith({ 'a.jsonl': '{"problem":"a"}' })
  symlinkSync(fileWith('b.jsonl', '{"problem":"b"}'), join(path, 'c.jsonl'))
  await expect(readRows(path)).rejects.toThrow(/file name "c\.jsonl": is a link out of the folder/)
})

const commit = '0123456789abcdef0123456789abcdef01234567'

/** A data set in a cache of Python's layout. */
function cacheWith(files: Record<string, string>, { ref = 'main' } = {}): NodeJS.ProcessEnv {
  const home = temporaryFolder()
  const repository = join(home, 'hub/datasets--org--set')
  const snapshot = join(repository, 'snapshots', commit)
  for (const folder of [dirname(join(repository, 'refs', ref)), join(repository, 'blobs'), snapshot])
    mkdirSync(folder, { recursive: true })
  writeFileSync(join(repository, 'refs', ref), commit)
  for (const [i, [name, text]] of Object.entries(files).entries()) {
    const hash = String(i).padStart(40, 'a')
    writeFileSync(join(repository, 'blobs', hash), text)
    mkdirSync(dirname(join(snapshot, name)), { recursive: true })
    symlinkSync(`${'../'.repeat(name.split('/').length + 1)}blobs/${hash}`, join(snapshot, name))
  }
  return { HF_HOME: home }
}

const row = (id: string) => `{"id":"${id}","problem":"p"}\n`
const two = { 'train.jsonl': row('a'), 'test.jsonl': row('b') }

test('a data set in the Hugging Face cache is found by its name, split and revision', async () => {
  const env = cacheWith(two)
  expect(await ids({ path: 'org/set', split: 'test' }, { env })).toEqual(['b'])
  expect(await ids({ path: 'org/set', split: 'train', revision: commit }, { env })).toEqual(['a'])
  await expect(ids({ path: 'org/set' }, { env })).rejects.toThrow(
    /expected a split of \S+, one of test, train, got none$/,
  )
  await expect(ids({ path: 'org/set', split: 'dev' }, { env })).rejects.toThrow(/one of test, train, got dev$/)
  expect(
    await ids({ path: 'org/set', split: 'test', revision: 'refs/pr/1' }, { env: cacheWith(two, { ref: 'refs/pr/1' }) }),
  ).toEqual(['b'])
})

test('a name that is not in the cache says what gets it', async () => {
  const env = cacheWith(two)
  await expect(ids({ path: 'org/other' }, { env })).rejects.toThrow(
    /^org\/other: cannot be read: ENOENT.*nor is it in the Hugging Face cache, as \S+datasets--org--other: `lengthen data download org\/other` gets it$/,
  )
  await expect(ids({ path: 'org/set', revision: 'v2' }, { env })).rejects.toThrow(
    /download org\/set --revision v2` gets it$/,
  )
  await expect(ids({ path: 'org/set', revision: '../../x' }, { env })).rejects.toMatchObject({ code: 'ArgumentError' })
  await expect(ids({ path: 'data/train.jsonl' }, { env })).rejects.toThrow(
    /^data\/train\.jsonl: cannot be read: ENOENT[^;]*$/,
  )
})

test('subsets are those of the README.md, with their patterns', async () => {
  const card = `---
license: mit
configs:
  - config_name: main
    data_files:
      - { split: train, path: main/train-* }
      - { split: test, path: [main/test-*] }
  - { config_name: socratic, default: true, data_dir: socratic }
---
# A data set`
  const env = cacheWith({
    ...{ 'README.md': card, 'main/train-00000-of-00001.jsonl': row('a'), 'main/test-00000-of-00001.jsonl': row('b') },
    'socratic/test.jsonl': row('c'),
  })
  expect(await ids({ path: 'org/set', subset: 'main', split: 'test' }, { env })).toEqual(['b'])
  expect(await ids({ path: 'org/set' }, { env })).toEqual(['c'])
  await expect(ids({ path: 'org/set', subset: 'no' }, { env })).rejects.toThrow(
    /a subset of \S+, one of main, socratic, got no$/,
  )
})

test('a shard that is missing, and a split in two formats, are errors', async () => {
  const shard = (i: number) => ({ [`train-0000${i}-of-00003.jsonl`]: row(String(i)) })
  await expect(ids({ path: folderWith({ ...shard(0), ...shard(2) }) })).rejects.toThrow(
    /expected all shards, got none of the name train-00001-of-00003\.jsonl$/,
  )
  expect(await ids({ path: folderWith({ ...shard(2), ...shard(0), ...shard(1) }) })).toEqual(['0', '1', '2'])
  await expect(ids({ path: folderWith({ 'a.jsonl': row('a'), 'a.csv': 'problem\nx' }) })).rejects.toThrow(
    /expected the files of a split in one format, got csv and jsonl/,
  )
})

test('of a Parquet file only the row groups are read that are asked for', async () => {
  const path = join(temporaryFolder(), 'a.parquet')
  const text = (i: number) => Array.from({ length: 40 }, (_, j) => Math.sin(i * 40 + j)).join(' ')
  const problems = Array.from({ length: 10_000 }, (_, i) => text(i))
  await parquetWriteFile({
    filename: path,
    columnData: [{ name: 'problem', data: problems, type: 'STRING' }],
    rowGroupSize: 1000,
    codec: 'UNCOMPRESSED',
  })
  const handle = await open(path)
  const reads = vi.spyOn(Object.getPrototypeOf(handle), 'read')
  const { size } = await handle.stat()
  await handle.close()
  // As the decoder process reads it, which goes a row group ahead of its consumer.
  for await (const part of decodeParquet(path)) if (part.kind === 'rows' && part.first > 1000) break
  const numBytes = reads.mock.calls.reduce((sum, [, , length]) => sum + Number(length), 0)
  reads.mockRestore()
  expect(size).toBeGreaterThan(5e6)
  expect(numBytes).toBeGreaterThan(0.15 * size)
  expect(numBytes).toBeLessThan(0.25 * size)
})

test.each<[string, [begin: string, row: string, end: string]]>([
  ['jsonl', ['', '{"problem":"…"}\n', '{"problem":"last"}']],
  ['json', ['[', '{"problem":"…"},\n', '{"problem":"last"}]']],
])('a .%s file of 100 MB is read in a heap of 64 MB', async (ending, [begin, row, end]) => {
  const path = join(temporaryFolder(), `large.${ending}`)
  const some = row.replace('…', 'x'.repeat(5000)).repeat(200)
  const file = await open(path, 'w')
  await file.write(begin)
  for (let i = 0; i < 100; i++) await file.write(some)
  await file.write(end)
  await file.close()
  const code = `import { readData } from 'lengthen'
    let numRows = 0
    for await (const row of readData(${JSON.stringify(path)})) numRows++
    console.log(JSON.stringify(numRows))`
  expect(await runScript<number>(code, { flags: ['--max-old-space-size=64'] })).toBe(20_001)
})
