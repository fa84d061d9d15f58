// The report as a list of blocks, from which both Markdown and HTML are made: the two always say the same.
import { type Curation, type CurationOptions, dropReasons, type FoundOverlap, reasonTexts } from '../types.js'
import { type CurationSummary, isConflict } from './summary.js'
import { type Bar, barChart, colours, columnChart } from './svg.js'

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'table'; header: readonly string[]; rows: readonly (readonly string[])[] }
  /** In HTML alone: Markdown has the table beside it. */
  | { kind: 'plot'; svg: string }

export interface ReportInput {
  curation: Curation
  summary: CurationSummary
  settings: Pick<CurationOptions, 'nearThreshold'> & {
    maxPromptTokens: number | undefined
    embeddingThreshold: number | undefined
  }
}

/** Longer lists are cut here; the files beside the report have them whole. */
const mostListed = 200

export function reportBlocks({ curation, summary, settings }: ReportInput): Block[] {
  return [
    ...overview(summary, settings),
    ...sourceBlocks(summary),
    ...answerBlocks(summary),
    ...lengthBlocks(summary),
    ...testBlocks(curation, summary),
    ...conflictBlocks(curation),
  ]
}

function overview({ numRows, numKept, numConflicts }: CurationSummary, settings: ReportInput['settings']): Block[] {
  const { nearThreshold, maxPromptTokens, embeddingThreshold } = settings
  const rules = [
    `near-duplicates from a Jaccard similarity of ${nearThreshold}`,
    maxPromptTokens === undefined ? 'prompts of any length' : `prompts of at most ${maxPromptTokens} tokens`,
    ...(embeddingThreshold === undefined ? [] : [`a cosine of at most ${embeddingThreshold} between sources`]),
  ]
  const conflicts = `${numConflicts} dropped as duplicates, exact or near, had another answer than the row they repeat.`
  return [
    {
      kind: 'text',
      text: `${numKept} of ${numRows} rows kept (${share(numKept, numRows)}): ${rules.join(', ')}. ${conflicts}`,
    },
  ]
}

function sourceBlocks({ sources, dropped, numRows, numKept }: CurationSummary): Block[] {
  const reasons = dropReasons.filter((reason) => dropped[reason] > 0)
  const bars = sources.map(
    (source): Bar => ({
      label: source.source,
      parts: [
        { name: 'kept', value: source.numKept, colour: colours.kept },
        ...reasons.map((reason) => ({
          ...{ name: reasonTexts[reason], value: source.dropped[reason] },
          colour: colours.dropped[dropReasons.indexOf(reason)] as string,
        })),
      ],
    }),
  )
  const header = ['source', 'rows', 'kept', ...reasons.map((reason) => reasonTexts[reason])]
  const row = (name: string, counts: { numRows: number; numKept: number; dropped: CurationSummary['dropped'] }) =>
    [name, counts.numRows, counts.numKept, ...reasons.map((reason) => counts.dropped[reason])].map(String)
  const rows = sources.map((source) => row(source.source, source))
  if (sources.length > 1) rows.push(row('all', { numRows, numKept, dropped }))
  return [
    { kind: 'heading', text: 'Rows by source' },
    { kind: 'plot', svg: barChart(bars, { title: 'Rows by source, kept and dropped' }) },
    { kind: 'table', header, rows },
  ]
}

function answerBlocks({ answerKinds, numKept }: CurationSummary): Block[] {
  const bars = answerKinds.map(
    ({ kind, numRows }): Bar => ({ label: kind, parts: [{ name: 'kept', value: numRows, colour: colours.plain }] }),
  )
  const rows = answerKinds.map(({ kind, numRows }) => [kind, String(numRows), share(numRows, numKept)])
  return [
    { kind: 'heading', text: 'Kinds of answers' },
    { kind: 'plot', svg: barChart(bars, { title: 'Kinds of answers' }) },
    { kind: 'table', header: ['kind', 'rows kept', 'share'], rows },
  ]
}

function lengthBlocks({ promptLengths }: CurationSummary): Block[] {
  const { unit, binWidth, firstBin, counts, mean, median, largest } = promptLengths
  const axis = unit === 'tokens' ? 'tokens of the prompt' : 'words and signs of the problem'
  const begin = (bin: number) => (firstBin + bin) * binWidth
  const rows = counts.map((count, i) => [`${begin(i)} to ${begin(i + 1) - 1}`, String(count)])
  return [
    { kind: 'heading', text: 'Prompt lengths' },
    { kind: 'text', text: `In ${axis}: mean ${mean.toFixed(1)}, median ${median}, largest ${largest}.` },
    { kind: 'plot', svg: columnChart(counts, { title: 'Prompt lengths', from: begin(0), step: binWidth, axis }) },
    { kind: 'table', header: [unit, 'rows kept'], rows },
  ]
}

function testBlocks({ overlaps }: Curation, { tests }: CurationSummary): Block[] {
  if (tests.length === 0) return []
  const rows = tests.map(({ source, numProblems, numOverlapped, numRows }) =>
    [source, numProblems, numOverlapped, numRows].map(String),
  )
  const found = overlaps.map(({ test, row, kind, similarity }: FoundOverlap) => [
    ...[test.place, row.place, kind, similarity.toFixed(2), clipped(test.row.problem), clipped(row.row.problem)],
  ])
  return [
    { kind: 'heading', text: 'Overlap with the test sets' },
    { kind: 'table', header: ['test set', 'problems', 'overlapped', 'rows that overlap'], rows },
    ...listed(['test problem', 'row', 'kind', 'similarity', 'the test asks', 'the row asks'], found, 'overlaps.jsonl'),
  ]
}

function conflictBlocks({ dropped }: Curation): Block[] {
  const rows = dropped.filter(isConflict).map(({ place, of, row }) => [place, of?.place ?? '', clipped(row.problem)])
  if (rows.length === 0) return []
  return [
    { kind: 'heading', text: 'Duplicates with different answers' },
    ...listed(['row', 'repeats', 'problem'], rows, 'dropped.jsonl'),
  ]
}

function listed(header: readonly string[], rows: readonly (readonly string[])[], file: string): Block[] {
  if (rows.length === 0) return []
  const rest = rows.length - mostListed
  const more: Block[] = rest > 0 ? [{ kind: 'text', text: `${rest} more are in ${file}.` }] : []
  return [{ kind: 'table', header, rows: rows.slice(0, mostListed) }, ...more]
}

const share = (part: number, whole: number): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)}%`)

function clipped(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`
}
