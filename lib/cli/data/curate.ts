// lengthen data curate <in...> --against <tests...> --out <folder>
import { type Command, InvalidArgumentError } from 'commander'
import { curate } from '../../data/curate/curate.js'
import { embedTexts } from '../../data/curate/embed.js'
import { mathRules } from '../../data/curate/grader.js'
import { type CurationSummary, summaryOf } from '../../data/curate/report/summary.js'
import { type CurationOptions, dropReasons, reasonTexts } from '../../data/curate/types.js'
import { requireFreeFolder, writeCuration } from '../../data/curate/write-curation.js'
import { promptsOf } from '../../data/prompt.js'
import type { Row } from '../../data/row.js'
import { type FileFormatError, messageOf } from '../../errors.js'
import { Tokenizer } from '../../tokenizer/tokenizer.js'
import { wholeNumber } from '../arguments.js'
import { UsageError } from '../failure.js'
import { percent, plural, table } from '../format.js'
import { modelTextWriter } from '../harmless.js'
import { interruptible } from '../interrupt.js'
import { openModel, requireReadable } from '../open-model.js'
import { progressLine } from './progress-line.js'
import {
  addSourceOptions,
  namedSources,
  readSources,
  requireKnownNames,
  requireParts,
  requireThere,
  type SourceFlags,
} from './sources.js'

interface CurateFlags extends SourceFlags {
  against: string[]
  out: string
  split?: string
  againstSplit?: string
  near: number
  tokenizer?: string
  maxPromptTokens?: number
  prompt: string
  embeddings?: string
  cosine: number
  json?: true
}

const help = `
Example:
  $ lengthen data curate aime.jsonl math.parquet --against aime24.jsonl math500.jsonl --out curated
  $ lengthen data curate train.jsonl --columns problem=question --out curated --tokenizer my-model --max-prompt-tokens 1024

A row goes through these checks, and the first that is against it drops it: it asks for no proof; it has a final answer (a \\boxed{…},
what follows ####, or all of the answer); the grader reads the answer; it overlaps no test problem; its prompt is not
too long; no row before it has the same text, or nearly. Of two duplicates the first stays, so name the best data set first.
The folder then holds kept.jsonl, dropped.jsonl with the reasons, overlaps.jsonl by test problem, summary.json, and the report as
report.md and report.html. The same input gives the same bytes.`

export function addCurateCommand(data: Command): void {
  const command = data
    .command('curate')
    .description('make a training set of problems that can be trusted, and say what was dropped and why')
    .argument('<in...>', 'files, folders, or names in the Hugging Face cache')
    .requiredOption('--out <folder>', 'a new folder')
    .option('--against <tests...>', 'test sets that no row may overlap', [])
    .option('--split <name>', 'of the input')
    .option('--against-split <name>', 'of the test sets')
    .option('--near <share>', 'texts with this Jaccard similarity of shingles are near-duplicates', share, 0.8)
    .option('--tokenizer <folder>', 'counts the tokens of prompts, rendered by its chat template')
    .option('--max-prompt-tokens <n>', 'drops longer prompts', wholeNumber({ least: 1 }))
    .option('--prompt <text>', "the user's turn; a field's name in braces becomes the row's field", '{problem}')
    .option(
      '--embeddings <model>',
      'also drops rows close to a row of another data set by the hidden states of a model',
    )
    .option(
      '--cosine <share>',
      'what is close by embeddings; models differ in it, so try it on rows that you know',
      share,
      0.9,
    )
    .option('--json', 'print a JSON object for each row passed over, and the summary or the error at the end')
    .addHelpText('after', help)
    .action(curateFiles)
  addSourceOptions(command)
}

async function curateFiles(inputs: string[], flags: CurateFlags): Promise<void> {
  let numRows = 0
  let numDone = 0
  const progress = progressLine()
  const onProgress = (done: number) => {
    numDone = done
    progress.show(`${done} of ${plural(numRows, 'row')}`)
  }
  const work = async (signal: AbortSignal) => {
    requireSensible(flags)
    requireParts(inputs, { '--split': flags.split })
    requireParts(flags.against, { '--against-split': flags.againstSplit })
    requireParts([...inputs, ...flags.against], { '--subset': flags.subset })
    const sources = namedSources(inputs, flags)
    const testSources = namedSources(flags.against, { ...flags, split: flags.againstSplit })
    requireKnownNames([...sources, ...testSources], flags)
    await requireFreeFolder(flags.out).catch(asUsage)
    await requireThere([...sources, ...testSources])
    const reading = { signal, onBadRow: (problem: FileFormatError) => tellBadRow(problem, flags) }
    const tests = await readSources(testSources, reading)
    const rows = await readSources(sources, reading)
    numRows = rows.length
    using checks = await openChecks(flags, signal)
    const curation = await curate(rows, tests, { ...checks.options, signal, onProgress })
    const summary = summaryOf(curation, tests)
    await writeCuration(flags.out, {
      ...{ title: 'Curation', curation, summary },
      settings: {
        nearThreshold: flags.near,
        maxPromptTokens: flags.maxPromptTokens,
        embeddingThreshold: flags.embeddings === undefined ? undefined : flags.cosine,
      },
    })
    progress.clear()
    print(summary, flags)
  }
  const done = () => (numRows > 0 ? ` after ${numDone} of ${plural(numRows, 'row')}` : '')
  try {
    await interruptible(work, { done, facts: () => ({ numRows, numDone }) })
  } finally {
    progress.clear()
  }
}

const asUsage = (error: unknown): never => {
  throw new UsageError(messageOf(error), { cause: error })
}

function requireSensible({ tokenizer, maxPromptTokens }: CurateFlags): void {
  if ((tokenizer === undefined) !== (maxPromptTokens === undefined))
    throw new UsageError('expected --tokenizer and --max-prompt-tokens together, got one of them')
}

/** What the checks need beside the rows: a tokenizer and a model where they are asked for. */
async function openChecks(
  { near, tokenizer: folder, maxPromptTokens, prompt: turn, embeddings, cosine }: CurateFlags,
  signal: AbortSignal,
): Promise<Disposable & { options: CurationOptions }> {
  const options: CurationOptions = { ...mathRules, nearThreshold: near }
  if (folder !== undefined && maxPromptTokens !== undefined) {
    await requireReadable(`${folder}/tokenizer.json`, folder)
    const tokenizer = await Tokenizer.load(folder)
    const asked = { turn, tokenizer, maxTokens: Number.POSITIVE_INFINITY }
    const count = async (rows: readonly Row[]) => (await promptsOf(rows, asked)).map(({ length }) => length)
    options.promptTokens = { count, max: maxPromptTokens }
  }
  if (embeddings === undefined) return { options, [Symbol.dispose]: () => {} }
  const opened = await openModel(embeddings)
  options.embeddings = { embed: (texts) => embedTexts(texts, { ...opened, signal }), threshold: cosine }
  return { options, [Symbol.dispose]: () => opened[Symbol.dispose]() }
}

function tellBadRow({ file, place, message }: FileFormatError, { json }: CurateFlags): void {
  if (json) process.stdout.write(`${JSON.stringify({ type: 'badRow', file, place, message })}\n`)
  else modelTextWriter(process.stderr)(`lengthen: passed over ${message}\n`)
}

function print(summary: CurationSummary, { out, json }: CurateFlags): void {
  const { numKept, numRows, sources } = summary
  if (json) {
    process.stdout.write(`${JSON.stringify({ type: 'summary', out, ...summary })}\n`)
    return
  }
  const reasons = dropReasons.filter((reason) => summary.dropped[reason] > 0)
  const header = ['source', 'rows', 'kept', ...reasons.map((reason) => reasonTexts[reason])]
  const rows = sources.map(({ source, numRows, numKept, dropped }) =>
    [source, numRows, numKept, ...reasons.map((reason) => dropped[reason])].map(String),
  )
  const kept = `kept ${numKept} of ${plural(numRows, 'row')} (${percent(numRows === 0 ? 0 : numKept / numRows)})`
  const tests = summary.tests.map(
    ({ source, numProblems, numOverlapped }) =>
      `${source}: ${numOverlapped} of ${plural(numProblems, 'test problem')} overlapped`,
  )
  modelTextWriter(process.stdout)(
    `${[table(header, rows), '', kept, ...tests, `everything is in ${out}`].join('\n')}\n`,
  )
}

function share(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1) return value
  throw new InvalidArgumentError('Expected a number above 0, at most 1.')
}
