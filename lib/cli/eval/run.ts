// Carries out an evaluation that was asked for on the command line.
import { join } from 'node:path'
import { locateData } from '../../data/locate.js'
import { type NumberedRow, readNumberedRows } from '../../data/rows.js'
import { ArgumentError, LengthenError, messageOf } from '../../errors.js'
import { mathGrader } from '../../eval/grader.js'
import { meanOfSets, measure } from '../../eval/measure.js'
import { type ProblemSet, setHash } from '../../eval/problem-set.js'
import { published } from '../../eval/published.js'
import { evaluationReport } from '../../eval/report.js'
import type { ProblemResult, ResultAbout } from '../../eval/result-record.js'
import { ResultMemory, ResultStore } from '../../eval/result-store.js'
import { runEvaluation } from '../../eval/run-evaluation.js'
import { writeFileAtomically } from '../../io/write-file.js'
import { UsageError } from '../failure.js'
import { plural } from '../format.js'
import { type Asked, type AskedSet, type EvalFlags, requireNumber } from './asked.js'
import type { EvalReporter, EvalSummary } from './reporter.js'
import { openSubject } from './subject.js'

/** Some samples have no answer: the numbers are of the others. */
export class IncompleteError extends LengthenError {}

export interface EvalProgress {
  numProblems: number
  numDone: number
}

interface ReadSet {
  set: AskedSet
  rows: readonly NumberedRow[]
}

interface Run {
  flags: EvalFlags
  reporter: EvalReporter
  progress: EvalProgress
  signal: AbortSignal
}

export async function evaluateAsked(asked: Asked, { flags, reporter, progress, signal }: Run): Promise<void> {
  const read: ReadSet[] = []
  for (const set of asked.sets) read.push({ set, rows: await gradableRows(set, flags.limit) })
  const sets = read.map(({ set, rows }) => ({ name: set.name, rows: rows.map(({ row }) => row) }))
  const files = read.map(({ set, rows }) => ({ file: set.source.path, rows }))
  using subject = await openSubject(asked, { flags, sets: files, signal })
  const { model, protocol } = subject
  const about = aboutOf(subject, sets)
  const results = flags.out === undefined ? new ResultMemory(about) : await openStore(flags.out, about)
  try {
    progress.numProblems = sets.reduce((sum, { rows }) => sum + rows.length, 0)
    progress.numDone = results.numDone
    const started = performance.now()
    let numAnswered = 0
    for await (const record of runEvaluation({
      model,
      sets,
      protocol,
      grader: mathGrader(protocol),
      results,
      signal,
    })) {
      progress.numDone = results.numDone
      numAnswered += record.numSamples
      reporter.problem(record, progress)
    }
    if (results instanceof ResultStore) await results.finish()
    const seconds = (performance.now() - started) / 1000
    const summary = summaryOf(asked, about, results.results)
    if (flags.out !== undefined) await writeReports(flags.out, { asked, about, summary })
    reporter.summary({ ...summary, out: flags.out, seconds, numAnswered })
    requireNoFailures(summary, flags)
  } finally {
    if (results instanceof ResultStore) await results[Symbol.asyncDispose]()
  }
}

async function gradableRows(set: AskedSet, limit?: number): Promise<NumberedRow[]> {
  const { source } = set
  await locateData(source).catch((error: unknown) => {
    throw new UsageError(messageOf(error))
  })
  const onBadRow = ({ message }: Error) => void process.stderr.write(`lengthen: passed over ${message}\n`)
  const rows = await readNumberedRows(source, { needsAnswer: true, onBadRow })
  requireNumber(set, rows.length)
  return rows.slice(0, limit)
}

function aboutOf(
  { about: model, protocol }: { about: ResultAbout['model']; protocol: ResultAbout['protocol'] },
  sets: readonly ProblemSet[],
): ResultAbout {
  const known = sets.map(({ name, rows }) => ({ name, numProblems: rows.length, sha256: setHash(rows) }))
  return { type: 'evaluation', version: 1, model, protocol, sets: known }
}

async function openStore(out: string, about: ResultAbout): Promise<ResultStore> {
  try {
    return await ResultStore.open(out, about)
  } catch (error) {
    throw error instanceof ArgumentError ? new UsageError(error.message) : error
  }
}

type Summary = Omit<EvalSummary, 'seconds' | 'numAnswered' | 'out'>

function summaryOf(asked: Asked, { model, protocol }: ResultAbout, results: readonly ProblemResult[]): Summary {
  const { seed } = protocol
  const sets = asked.sets.map(({ name, source }) => ({
    ...{ name, dataset: source.path },
    ...measure(
      results.filter(({ set }) => set === name),
      { seed },
    ),
  }))
  const all = sets.length > 1 ? measure(results, { seed }) : sets[0]
  return { model: model.name, ...(all as (typeof sets)[0]), ...protocol, sets, meanOfSets: meanOfSets(sets) }
}

async function writeReports(
  out: string,
  { asked, about, summary }: { asked: Asked; about: ResultAbout; summary: Summary },
): Promise<void> {
  const sets = summary.sets.map((measures) => ({ name: measures.name, measures }))
  const beside = asked.beside && published[asked.beside]
  await writeFileAtomically(join(out, 'summary.json'), `${JSON.stringify(summary, withoutDatasets, 2)}\n`)
  await writeFileAtomically(join(out, 'report.md'), evaluationReport({ about, sets, beside }))
}

/** A path is of this machine and this call; the results say what the data was by its hash. */
const withoutDatasets = (key: string, value: unknown): unknown => (key === 'dataset' ? undefined : value)

function requireNoFailures({ sets, samplesPerProblem }: Summary, { out }: EvalFlags): void {
  const numFailed = sets.reduce((sum, set) => sum + set.numFailed, 0)
  if (numFailed === 0) return
  const again = out === undefined ? 'with --out, they could be asked for again' : 'the same command asks for them again'
  throw new IncompleteError(
    `[evaluation] ${plural(numFailed, 'sample')} failed (of ${samplesPerProblem} a problem) and count neither as right nor as wrong; ${again}`,
  )
}
