// The data sets of a command line: several, each with a short name, and what their columns are called.
import { basename, extname } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { SourcedRow } from '../../data/curate/types.js'
import { formatOf } from '../../data/formats/index.js'
import { locateData } from '../../data/locate.js'
import { readPlaced } from '../../data/read-data.js'
import type { DataSource } from '../../data/source.js'
import { type FileFormatError, messageOf } from '../../errors.js'
import { wholeNumber } from '../arguments.js'
import { UsageError } from '../failure.js'

export interface ColumnFlag {
  /** Of one data set alone; of all where undefined. */
  source: string | undefined
  columns: Readonly<Record<string, string>>
}

export interface SourceFlags {
  columns: ColumnFlag[]
  subset?: string
  maxBadRows: number
}

export function addSourceOptions(command: Command): Command {
  return command
    .option(
      '--columns <mapping>',
      'where fields come from, as in problem=question,answer=solution; for one data set alone, NAME:problem=question',
      columnFlag,
      [],
    )
    .option('--subset <name>', 'of data sets that have several')
    .option('--max-bad-rows <n>', 'so many rows of a data set may be unusable', wholeNumber({ least: 0 }), 0)
}

/** `[NAME:]field=column,…`; may be given several times. */
export function columnFlag(text: string, before: ColumnFlag[] = []): ColumnFlag[] {
  const colon = text.lastIndexOf(':', text.indexOf('='))
  const pairs = text.slice(colon + 1).split(',')
  const entries = pairs.map((pair) => pair.split('=').map((part) => part.trim()))
  if (entries.some((entry) => entry.length !== 2 || entry.includes('')))
    throw new InvalidArgumentError('Expected field=column, and a comma between several.')
  const columns = Object.fromEntries(entries) as Record<string, string>
  return [...before, { source: colon < 0 ? undefined : text.slice(0, colon), columns }]
}

/** One data set as the flags say it is read. */
export function sourceOfFlags(
  path: string,
  { name, columns, subset, split, answerAfter, maxBadRows }: SourceFlags & PartFlags & { name: string },
): DataSource {
  const given = columns.filter(({ source }) => source === undefined || source === name)
  const mapping = Object.assign({}, ...given.map(({ columns }) => columns)) as Record<string, string>
  // A file has neither subsets nor splits; folders and names beside it may.
  const part = formatOf(path) === undefined ? { subset, split } : {}
  return { path, ...part, columns: mapping, answerAfter, maxBadRows }
}

export interface PartFlags {
  split?: string | undefined
  answerAfter?: string | undefined
}

export function addPartOptions(command: Command): Command {
  return command
    .option('--split <name>', 'of data sets that have several')
    .option('--answer-after <marker>', 'the answer follows the last such marker in its column, as #### in GSM8K')
}

export interface NamedSource {
  /** What reports call it: the file's name without its ending, or the path where that is not enough. */
  name: string
  source: DataSource
}

/** Data sets as they were typed; a name that two of them would have is given to none. */
export function namedSources(paths: readonly string[], flags: SourceFlags & PartFlags): NamedSource[] {
  const short = paths.map(shortName)
  return paths.map((path, i) => {
    const isTaken = short.some((other, j) => j !== i && other === short[i])
    const name = isTaken ? path : (short[i] as string)
    return { name, source: sourceOfFlags(path, { ...flags, name }) }
  })
}

/** A data set that is not there is wrong usage. */
export async function requireThere(sources: readonly NamedSource[]): Promise<void> {
  for (const { source } of sources)
    await locateData(source).catch((error: unknown) => {
      throw new UsageError(messageOf(error), { cause: error })
    })
}

/** Parts are asked of data sets that may have them: where all are single files, the flag is a slip. */
export function requireParts(paths: readonly string[], flags: Readonly<Record<string, string | undefined>>): void {
  const [flag] = Object.entries(flags).find(([, value]) => value !== undefined) ?? []
  if (flag === undefined || paths.some((path) => formatOf(path) === undefined)) return
  throw new UsageError(
    `${flag}: expected a folder or a name for it, got ${paths.join(', ') || 'no data set'}: a file has no parts`,
  )
}

/** A data set that columns are given for, and that is not there, is a slip. */
export function requireKnownNames(sources: readonly NamedSource[], { columns }: SourceFlags): void {
  const names = sources.map(({ name }) => name)
  const unknown = columns.find(({ source }) => source !== undefined && !names.includes(source))
  if (unknown) throw new UsageError(`--columns ${unknown.source}: expected one of ${names.join(', ')}`)
}

export async function readSources(
  sources: readonly NamedSource[],
  { onBadRow, signal }: { onBadRow: (problem: FileFormatError) => void; signal: AbortSignal },
): Promise<SourcedRow[]> {
  const rows: SourcedRow[] = []
  for (const { name, source } of sources) {
    const mappedColumns = new Set(Object.values(source.columns ?? {}))
    for await (const { row, file, place } of readPlaced(source, { onBadRow, signal }))
      rows.push({
        row,
        source: typeof row.source === 'string' ? row.source : name,
        place: `${shownFile(file, source)}, ${place}`,
        isNamedByPlace: isNamedByPlace(row.id, { file, place }),
        mappedColumns,
      })
  }
  return rows
}

/** Readers call a row without an id by its place, and by its file before that where there are several. */
function isNamedByPlace(id: string, { file, place }: { file: string; place: string }): boolean {
  if (id === place) return true
  return id.endsWith(` ${place}`) && file.endsWith(id.slice(0, -place.length - 1))
}

/** As it was typed, so that reports do not say where on a machine the data lay. */
const shownFile = (file: string, { path }: DataSource): string =>
  file.startsWith(path) ? file : `${path}/${basename(file)}`

const shortName = (path: string): string => {
  const base = basename(path)
  return base.slice(0, base.length - extname(base).length) || path
}
