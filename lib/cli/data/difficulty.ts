// lengthen data difficulty <model> <dataset> --samples K --out FILE
import { dirname, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import type { Row } from '../../data/row.js'
import { readNumberedRows } from '../../data/rows.js'
import { mathGrader } from '../../eval/grader.js'
import { localModel, mostSamples } from '../../eval/local-model.js'
import { type RatedRow, rateBands, ratedRows } from '../../eval/pass-rates.js'
import { setHash } from '../../eval/problem-set.js'
import type { ProblemRecord, Protocol, ResultAbout } from '../../eval/result-record.js'
import { ResultStore } from '../../eval/result-store.js'
import { runEvaluation } from '../../eval/run-evaluation.js'
import { makeFolder } from '../../io/make-folder.js'
import { writeJsonLines } from '../../io/write-lines.js'
import { RolloutEngine } from '../../rollout/engine.js'
import { addSamplingOptions, type SamplingFlags, wholeNumber } from '../arguments.js'
import { UsageError } from '../failure.js'
import { requireFit } from '../fitting-rows.js'
import { duration, percent, plural, table } from '../format.js'
import { modelTextWriter } from '../harmless.js'
import { interruptible } from '../interrupt.js'
import { modelIdentity } from '../model-identity.js'
import { type OpenModel, openModel, requirePositions } from '../open-model.js'
import { progressLine } from './progress-line.js'
import {
  addSourceOptions,
  namedSources,
  requireKnownNames,
  requireParts,
  requireThere,
  type SourceFlags,
} from './sources.js'

interface DifficultyFlags extends SamplingFlags, SourceFlags {
  samples: number
  out: string
  split?: string
  answerAfter?: string
  prompt: string
  thinking: boolean
  json?: true
}

const mostTokensByDefault = 2048

const help = `
Example:
  $ lengthen data difficulty my-model curated/kept.jsonl --samples 8 --max-tokens 4096 --out rated.jsonl

Writes each row with passRate and numSamples; a recipe then keeps a band with data.difficulty, or selects by stage. An answer that was
cut is wrong. Every sample is kept in FILE.samples, from where a call that was broken off goes on. The same seed gives the same answers.`

export function addDifficultyCommand(data: Command): void {
  const command = data
    .command('difficulty')
    .description("write a model's pass rate beside every problem of a data set")
    .argument('<model>', 'a Hugging Face folder')
    .argument('<dataset>', 'a file, a folder, or a name in the Hugging Face cache')
    .requiredOption('--out <file>', 'JSON Lines: the rows with passRate and numSamples')
    .option('--samples <k>', 'answers to each problem', wholeNumber({ least: 1, most: mostSamples }), 8)
    .option('--split <name>', 'of the data set')
    .option('--answer-after <marker>', 'the answer follows the last such marker in its column, as #### in GSM8K')
    .option('--prompt <text>', "the user's turn; a field's name in braces becomes the row's field", '{problem}')
    .option('--no-thinking', 'answers count without </think>')
    .option('--json', 'print one JSON object a problem, and a summary or the error at the end')
    .addHelpText('after', help)
    .action(rateProblems)
  addSamplingOptions(command, { maxTokens: `${mostTokensByDefault}, at most half of the model's positions` })
  addSourceOptions(command)
}

async function rateProblems(folder: string, dataset: string, flags: DifficultyFlags): Promise<void> {
  const started = performance.now()
  const progress = progressLine()
  let [numDone, numProblems] = [0, 0]
  const work = async (signal: AbortSignal) => {
    requireOutside(flags.out, dataset)
    const numbered = await readRowsOf(dataset, flags, signal)
    const rows = numbered.map(({ row }) => row)
    numProblems = rows.length
    using opened = await openModel(folder)
    requirePositions(flags.maxTokens, opened.model)
    const protocol = protocolOf(flags, opened)
    await requireFit({ file: dataset, rows: numbered }, opened, { ...protocol, maxTokens: flags.maxTokens, signal })
    await makeFolder(dirname(flags.out))
    const about = await aboutOf({ folder, rows, protocol })
    await using store = await ResultStore.open(`${flags.out}.samples`, about)
    numDone = store.results.length
    for await (const record of sample({ opened, rows, protocol, store, signal })) {
      numDone++
      progress.show(`${numDone} of ${plural(numProblems, 'problem')}`)
      if (flags.json) print({ type: 'problem', ...rateOf(record) })
    }
    await store.finish()
    const rated = ratedRows(rows, store.results)
    await writeJsonLines(flags.out, rated)
    progress.clear()
    tell(rated, { ...flags, model: folder, dataset, seconds: (performance.now() - started) / 1000 })
  }
  const done = () => (numProblems > 0 ? ` after ${numDone} of ${plural(numProblems, 'problem')}` : '')
  try {
    await interruptible(work, { done, facts: () => ({ numProblems, numDone }) })
  } finally {
    progress.clear()
  }
}

/** What lies in a data set's folder would be read as part of it the next time. */
function requireOutside(out: string, dataset: string): void {
  if (resolve(out) === resolve(dataset)) throw new UsageError('--out: expected another file than the data set')
  if (!resolve(out).startsWith(`${resolve(dataset)}${sep}`)) return
  throw new UsageError(`--out ${out}: expected a file outside of the data set's folder ${dataset}`)
}

async function readRowsOf(dataset: string, flags: DifficultyFlags, signal: AbortSignal) {
  const sources = namedSources([dataset], flags)
  requireKnownNames(sources, flags)
  await requireThere(sources)
  requireParts([dataset], { '--split': flags.split, '--subset': flags.subset })
  const source = { ...sources[0]?.source, path: dataset, answerAfter: flags.answerAfter }
  const onBadRow = ({ message }: Error) => modelTextWriter(process.stderr)(`lengthen: passed over ${message}\n`)
  return readNumberedRows(source, { needsAnswer: true, onBadRow, signal })
}

function protocolOf(flags: DifficultyFlags, { model }: OpenModel): Protocol {
  const { samples: samplesPerProblem, prompt: turn, thinking, temperature, topK, topP, seed, maxTokens } = flags
  const maxResponseTokens = maxTokens ?? Math.min(mostTokensByDefault, model.config.maxPositions >> 1)
  const sampling = { samplesPerProblem, maxResponseTokens, temperature, topK, topP, seed }
  return { ...sampling, turn, needsThinkingClosed: thinking, mode: 'exact' }
}

const setName = 'difficulty'

/** Tells one rating from another: what is broken off is gone on with only by the same model, rows and protocol. */
async function aboutOf(of: { folder: string; rows: readonly Row[]; protocol: Protocol }): Promise<ResultAbout> {
  const { folder, rows, protocol } = of
  const model = await modelIdentity(folder)
  const sets = [{ name: setName, numProblems: rows.length, sha256: setHash(rows) }]
  return { type: 'evaluation', version: 1, model, protocol, sets }
}

function sample(of: {
  opened: OpenModel
  rows: readonly Row[]
  protocol: Protocol
  store: ResultStore
  signal: AbortSignal
}): AsyncGenerator<ProblemRecord, void> {
  const { opened, rows, protocol, store, signal } = of
  const { model, tokenizer } = opened
  const answering = localModel({ engine: new RolloutEngine(model, tokenizer), tokenizer })
  const sets = [{ name: setName, rows }]
  return runEvaluation({ model: answering, sets, protocol, grader: mathGrader(protocol), results: store, signal })
}

const rateOf = ({ id, numCorrect, numSamples }: ProblemRecord): object => ({
  ...{ id, passRate: numCorrect / numSamples, numSamples },
})

const print = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`)

interface Told extends DifficultyFlags {
  model: string
  dataset: string
  seconds: number
}

function tell(rated: readonly RatedRow[], { model, dataset, out, samples, json, seconds }: Told): void {
  const bands = rateBands(rated)
  const passRate = rated.reduce((sum, row) => sum + row.passRate, 0) / rated.length
  if (json) {
    print({ type: 'summary', model, dataset, out, numProblems: rated.length, passRate, bands, seconds })
    return
  }
  const rows = bands.map(({ name, numRows }) => [name, String(numRows), percent(numRows / rated.length)])
  const mean = `mean pass rate ${percent(passRate)} of ${plural(samples, 'sample')} each; ${duration(seconds)}`
  process.stdout.write(
    `${[table(['pass rate', 'problems', 'share'], rows), '', mean, `written to ${out}`].join('\n')}\n`,
  )
}
