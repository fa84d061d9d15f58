import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Grader } from '../../lib/eval/grader.js'
import { localModel } from '../../lib/eval/local-model.js'
import { measure } from '../../lib/eval/measure.js'
import { setHash } from '../../lib/eval/problem-set.js'
import { evaluationReport } from '../../lib/eval/report.js'
import { readResults } from '../../lib/eval/result-file.js'
import type { ProblemRecord, Protocol, ResultAbout } from '../../lib/eval/result-record.js'
import { ResultMemory, ResultStore } from '../../lib/eval/result-store.js'
import { runEvaluation } from '../../lib/eval/run-evaluation.js'
import { RolloutEngine } from '../../lib/rollout/engine.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { digitModel, digitProblems, digitTokenizer } from '../train/tiny-run.js'
import { problemOf, problemsOf } from './fake-records.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

const sets = [
  { name: 'first', rows: digitProblems.heldOutRows(5) },
  { name: 'second', rows: digitProblems.heldOutRows(7) },
]
const protocol: Protocol = {
  ...{ samplesPerProblem: 4, maxResponseTokens: 24, temperature: 1, topK: 0, topP: 0.95, seed: 7 },
  ...{ turn: '{problem}', needsThinkingClosed: false, mode: 'exact' },
}
const digitGrader: Grader = async ({ texts }) =>
  texts.map((text) => ({ verdict: /[0-4]$/.test(text) ? 'correct' : 'wrong', why: '', predicted: text.slice(-1) }))

interface Run {
  maxBatch?: number
  /** Breaks off after so many problems, as a killed process would: the partial file stays. */
  stopAfter?: number
  changes?: Partial<Protocol>
  grader?: Grader
}

async function run(folder: string, options: Run = {}): Promise<string[]> {
  const { maxBatch = 512, stopAfter = 99, changes = {}, grader = digitGrader } = options
  const asked = { ...protocol, ...changes }
  await using results = await ResultStore.open(folder, aboutOf(asked))
  using model = digitModel(tokenizer)
  const parts = { engine: new RolloutEngine(model, tokenizer, { maxBatch }), tokenizer }
  const evaluation = { model: localModel(parts), sets, protocol: asked, grader, results }
  const asOf: string[] = []
  for await (const { set, index } of runEvaluation(evaluation)) {
    asOf.push(`${set} ${index}`)
    if (asOf.length === stopAfter) return asOf
  }
  await results.finish()
  return asOf
}

const aboutOf = (asked: Protocol): ResultAbout => ({
  ...{ type: 'evaluation', version: 1, model: { name: 'digits' }, protocol: asked },
  sets: sets.map(({ name, rows }) => ({ name, numProblems: rows.length, sha256: setHash(rows) })),
})

const bytesIn = (folder: string) => readFileSync(join(folder, 'results.jsonl'), 'utf8')

test('the batch size does not change a byte of the results', async () => {
  const [one, some, all] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
  await run(one, { maxBatch: 1 })
  await run(some, { maxBatch: 7 })
  expect(await run(all)).toHaveLength(12)
  expect(bytesIn(some)).toBe(bytesIn(all))
  expect(bytesIn(one)).toBe(bytesIn(all))
  expect(readdirSync(all)).toEqual(['results.jsonl'])
})

test('what is broken off, wherever in a line, goes on where it stopped and ends as the same bytes', async () => {
  const whole = temporaryFolder()
  await run(whole)
  for (const [stopAfter, cut] of [
    [1, 0],
    [5, 1],
    [6, 40],
    [12, 7],
    [3, 1e9],
  ] as const) {
    const folder = temporaryFolder()
    const partial = join(folder, 'results.jsonl.partial')
    await run(folder, { stopAfter, maxBatch: 3 })
    truncateSync(partial, Math.max(0, readFileSync(partial).length - cut))
    expect(existsSync(join(folder, 'results.jsonl'))).toBe(false)
    const asked = await run(folder)
    expect(asked).toHaveLength(cut === 1e9 ? 12 : 12 - stopAfter + (cut > 0 ? 1 : 0))
    expect(bytesIn(folder)).toBe(bytesIn(whole))
    expect(readdirSync(folder)).toEqual(['results.jsonl'])
    expect(await run(folder)).toEqual([])
    expect(bytesIn(folder)).toBe(bytesIn(whole))
  }
})

test('a sample depends on seed, set, problem and sample alone: not on how many there are', async () => {
  const [four, two] = [temporaryFolder(), temporaryFolder()]
  await run(four)
  await run(two, { changes: { samplesPerProblem: 2 } })
  const textsOf = (folder: string) =>
    bytesIn(folder)
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => (JSON.parse(line) as ProblemRecord).answers.map(({ text }) => text))
  expect(textsOf(two)).toEqual(textsOf(four).map((texts) => texts.slice(0, 2)))
  // The same problems in another set, and the samples of one, are drawn apart.
  expect(textsOf(four).slice(0, 5)).not.toEqual(textsOf(four).slice(5, 10))
  expect(new Set(textsOf(four).flat()).size).toBeGreaterThan(12)
})

test('a failed sample is asked for again, and only that one', async () => {
  const folder = temporaryFolder()
  await run(folder)
  const before = bytesIn(folder)
  const lines = before.trimEnd().split('\n')
  const record = JSON.parse(lines[8] as string) as ProblemRecord
  const failed = {
    verdict: 'failed',
    why: 'gone',
    predicted: null,
    isCorrect: false,
    isFinished: false,
    numTokens: null,
  }
  record.answers[2] = { ...failed, verdict: 'failed', text: '' }
  record.answers[3] = { ...(record.answers[3] as ProblemRecord['answers'][0]), why: 'kept' }
  lines[8] = JSON.stringify(record)
  writeFileSync(join(folder, 'results.jsonl'), `${lines.join('\n')}\n`)
  expect(await run(folder)).toEqual(['second 2'])
  expect(bytesIn(folder)).toBe(
    before
      .split('\n')
      .map((line, i) => (i === 8 ? line.replace(/"why":""(?!.*"why":"")/, '"why":"kept"') : line))
      .join('\n'),
  )
})

test('another evaluation in the folder is refused by what differs, and so is a folder of other files', async () => {
  const folder = temporaryFolder()
  await run(folder, { stopAfter: 2 })
  await expect(run(folder, { changes: { temperature: 0.5, seed: 8 } })).rejects.toThrow(
    `[evaluation] expected a new folder or one of the same evaluation for out, got ${folder}, which has another: ` +
      'temperature 1 there, 0.5 asked for; seed 7 there, 8 asked for',
  )
  const full = temporaryFolder()
  writeFileSync(join(full, 'kept'), 'x')
  await expect(run(full)).rejects.toThrow(`got ${full} with kept in it`)
})

test('two processes at once in a folder are told, and what both have done is gone on with', async () => {
  const [folder, alone] = [temporaryFolder(), temporaryFolder()]
  await run(alone)
  await run(folder, { stopAfter: 2 })
  const partial = join(folder, 'results.jsonl.partial')
  const grader: Grader = async (problem, options) => {
    appendFileSync(partial, `${bytesIn(alone).split('\n')[6]}\n`)
    return digitGrader(problem, options)
  }
  await expect(run(folder, { grader })).rejects.toThrow(`expected ${folder} for out to be this evaluation's alone`)
  expect(await run(folder)).toHaveLength(9)
  expect(bytesIn(folder)).toBe(bytesIn(alone))
})

test('results read back without texts, and what is none of ours is named by line', async () => {
  const folder = temporaryFolder()
  await run(folder)
  const { about, problems } = await readResults(folder)
  expect(about.protocol).toEqual(protocol)
  expect(problems.map(({ set, index }) => `${set} ${index}`)).toEqual([
    ...sets.flatMap(({ name, rows }) => rows.map((_, index) => `${name} ${index}`)),
  ])
  expect(problems[0]?.answers[0]).not.toHaveProperty('text')
  const file = join(folder, 'results.jsonl')
  appendFileSync(file, '{"type":"problem"}\n')
  await expect(readResults(file)).rejects.toThrow(`${file}, line 14: not a line of an evaluation's results: set: `)
  writeFileSync(file, '')
  await expect(readResults(file)).rejects.toThrow('expected the results of an evaluation, got an empty file')
})

test('results that are asked for before the end are an error that says how to go on', async () => {
  const folder = temporaryFolder()
  await run(folder, { stopAfter: 3 })
  const message = `[evaluation] expected one that has ended, got ${folder} with results.jsonl.partial only: the command that began it goes on with it`
  for (const path of [folder, join(folder, 'results.jsonl')]) await expect(readResults(path)).rejects.toThrow(message)
  await expect(readResults(temporaryFolder())).rejects.toThrow(/results\.jsonl: cannot be read: ENOENT/)
})

test('what a killed process has left of a file is removed, and nothing else', async () => {
  const folder = temporaryFolder()
  await run(folder, { stopAfter: 3 })
  const living = `.results.jsonl.${process.ppid}-0.tmp`
  const dead = [`.results.jsonl.${2 ** 22 + 5}-0.tmp`, `.results.jsonl.partial.${2 ** 22 + 5}-12.tmp`]
  const ofOurNumber = `.summary.json.${process.pid}-99999.tmp`
  const others = ['.mine.tmp', `.notes.${2 ** 22 + 5}-0.tmp`]
  for (const name of [living, ...dead, ofOurNumber, ...others]) writeFileSync(join(folder, name), 'half')
  await run(folder)
  expect(readdirSync(folder).sort()).toEqual([living, ...others, 'results.jsonl'].sort())
})

test('what the grader could not judge is kept, counted and reported as such', async () => {
  const folder = temporaryFolder()
  const crash = { verdict: 'unparsed', why: 'no verdict', predicted: null, failure: 'crash' } as const
  await run(folder, { grader: async ({ texts }) => texts.map(() => crash) })
  const { about, problems } = await readResults(folder)
  const answers = problems.flatMap(({ answers }) => answers)
  const numGraded = answers.filter(({ isFinished }) => isFinished).length
  expect(numGraded).toBeGreaterThan(0)
  expect(answers.filter(({ failure }) => failure === 'crash')).toHaveLength(numGraded)
  const measures = measure(problems, { seed: 1 })
  expect(measures.numGraderFailures).toBe(numGraded)
  const report = evaluationReport({ about, sets: [{ name: 'first', measures }] })
  expect(report).toContain(`**${numGraded} answers the grader could not judge**`)
})

test('results in memory are in the order of the problems, in whichever they come, as those in a file are', async () => {
  const records = [problemOf('cw', { set: 'second', index: 1 }), ...problemsOf(['c', 'w', 'c'], { set: 'first' })]
  const memory = new ResultMemory(aboutOf(protocol))
  for (const record of records.toReversed()) {
    const answers = record.answers.map((answer) => ({ ...answer, text: 'x' }))
    await memory.add({ ...record, answers })
  }
  expect(memory.numDone).toBe(4)
  expect(memory.results).toEqual([...records.slice(1), records[0]])
})
