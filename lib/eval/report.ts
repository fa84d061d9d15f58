// An evaluation's report as Markdown: the protocol, a table of the sets, and what others published beside it.

import { checkOptions, type OptionKeys, requireArrays, requireObjects } from '../arguments.js'
import { type Measures, meanOfSets } from './measure.js'
import type { PublishedTable } from './published.js'
import type { ResultAbout } from './result-record.js'

/** What a report is made of. */
export interface ReportOptions {
  /** What the evaluation is of: its model, protocol and sets. */
  about: ResultAbout
  /** In the order of about.sets. */
  sets: readonly {
    /** Of the set. */
    name: string
    /** Of all its answers. */
    measures: Measures
  }[]
  /** What is shown beside the sets' scores, set by set of the same name; nothing where left out. */
  beside?: PublishedTable | undefined
}

/** An evaluation's report as Markdown: the protocol, a table of the sets, and what others published beside it. Scores are in per cent. */
export function evaluationReport(options: ReportOptions): string {
  checkOptions('report', options, optionKeys)
  const { about, sets, beside } = options
  requireObjects('report', { about })
  requireArrays('report', { sets })
  const parts = [`# ${inline(about.model.name)}`, protocolText(about), table(...measuresTable(sets))]
  const numFailed = sets.reduce((sum, { measures }) => sum + measures.numFailed, 0)
  if (numFailed > 0)
    parts.push(
      `**${numFailed} samples failed** and count neither as right nor as wrong: these numbers are of the others.`,
    )
  const numUngraded = sets.reduce((sum, { measures }) => sum + measures.numGraderFailures, 0)
  if (numUngraded > 0)
    parts.push(`**${numUngraded} answers the grader could not judge**: it hung or crashed; they count as unparsed.`)
  parts.push(explanation)
  if (beside) parts.push(besideText({ about, sets, beside }))
  return `${parts.join('\n\n')}\n`
}

const optionKeys: OptionKeys<ReportOptions> = { about: true, sets: true, beside: true }

const explanation =
  'pass@1 is the mean over samples; ± is its standard error, clustered by problem, and the brackets are a 95% bootstrap interval over ' +
  'problems. pass@k is the chance that one of k samples is right, majority@k that the answer most of k samples give is right. ' +
  'Truncated answers count as wrong. Unparsed ones ended without a final answer.'

function protocolText({ model, protocol }: ResultAbout): string {
  const { samplesPerProblem, temperature, topP, topK, maxResponseTokens, seed, mode, needsThinkingClosed } = protocol
  const sampling = [
    `${samplesPerProblem} ${samplesPerProblem === 1 ? 'sample' : 'samples'} a problem`,
    `temperature ${temperature}`,
    `top-p ${topP}`,
    ...(topK > 0 ? [`top-k ${topK}`] : []),
    `at most ${maxResponseTokens} new tokens`,
    `seed ${seed}`,
    `grading ${mode}${needsThinkingClosed ? ', after `</think>` only' : ''}`,
  ]
  return `${sampling.join(', ')}${model.server === undefined ? '' : `; asked at ${inline(model.server)}`}.`
}

function measuresTable(sets: ReportOptions['sets']): [string[], string[][]] {
  const all = sets.map(({ measures }) => measures)
  const most = Math.max(...all.map(({ passAtK }) => passAtK.length))
  const rows: [string, (measures: Measures) => string][] = [
    ['problems', ({ numProblems }) => String(numProblems)],
    ['samples', ({ numSamples }) => String(numSamples)],
    ['pass@1, %', scoreText],
    ['95% interval', ({ interval }) => (interval ? `[${interval.map(points).join(', ')}]` : '–')],
    ...(most > 1
      ? ([
          [`pass@${most}, %`, ({ passAtK }) => points(passAtK[most - 1])],
          [`majority@${most}, %`, ({ majorityAtK }) => points(majorityAtK[most - 1])],
        ] as typeof rows)
      : []),
    ['mean tokens', ({ meanTokens }) => whole(meanTokens)],
    ['of right answers', ({ meanTokensCorrect }) => whole(meanTokensCorrect)],
    ['of wrong answers', ({ meanTokensWrong }) => whole(meanTokensWrong)],
    ['truncated, %', ({ truncatedShare }) => points(truncatedShare)],
    ['unparsed, %', ({ unparsedShare }) => points(unparsedShare)],
    ['failed samples', ({ numFailed }) => String(numFailed)],
  ]
  const mean = sets.length > 1 ? ['mean of sets'] : []
  const body = rows.map(([title, of]) => [
    title,
    ...all.map(of),
    ...mean.map(() => (title === 'pass@1, %' ? scoreText(meanOfSets(all)) : '')),
  ])
  return [['', ...sets.map(({ name }) => inline(name)), ...mean], body]
}

function besideText({ about, sets, beside }: ReportOptions & { beside: PublishedTable }): string {
  const names = Object.keys(beside.sets)
  const own = new Map(sets.map(({ name, measures }) => [name, measures]))
  const shared = names.flatMap((name) => own.get(name) ?? [])
  const mean = shared.length === names.length ? scoreText(meanOfSets(shared)) : '–'
  const ours = names.map((name) => {
    const measures = own.get(name)
    return measures ? scoreText(measures) : '–'
  })
  const rows = beside.rows.map(({ model, scores, mean }) => [
    model,
    ...names.map((name) => scores[name]?.toFixed(1) ?? '–'),
    mean?.toFixed(1) ?? '–',
  ])
  const title = `## Beside what was published: ${beside.title}`
  const header = ['pass@1, %', ...names, 'mean']
  return [
    title,
    `Published with ${beside.protocol}.`,
    table(header, [[`**${inline(about.model.name)}**`, ...ours, mean], ...rows]),
  ].join('\n\n')
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

const points = (share: number | undefined): string => (share === undefined ? '–' : (100 * share).toFixed(1))
const whole = (count: number | null): string => (count === null ? '–' : count.toFixed(0))

const scoreText = ({ passAt1, standardError }: { passAt1: number; standardError: number | null }): string =>
  standardError === null ? points(passAt1) : `${points(passAt1)} ± ${points(standardError)}`

/** A name cannot end a cell or begin a line. */
const inline = (text: string): string => text.replaceAll(/[|\\`*_<>[\]]/g, '\\$&').replaceAll(/\s+/g, ' ')
