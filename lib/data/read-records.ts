// A data set's records one after another, whatever it is kept in and whatever is made of them.
import { FileFormatError } from '../errors.js'
import { fingerprint } from './fingerprint.js'
import { readerOf } from './formats/index.js'
import { type DataFile, locateData } from './locate.js'
import { mapColumns } from './map-columns.js'
import { type DataSource, dataSource } from './source.js'

export interface ReadRecordOptions {
  /** Told of every row that is passed over, as `maxBadRows` allows. */
  onBadRow?: ((problem: FileFormatError) => void) | undefined
  /** Where HF_HOME and HF_HUB_CACHE are looked up. Default process.env. */
  env?: NodeJS.ProcessEnv | undefined
  /** Ends it; its reason is thrown. */
  signal?: AbortSignal | undefined
}

/** Where a record is. */
export interface RecordPlace {
  file: string
  /** A line or the number of a row, counted from 1. */
  place: string
  /** What a record without an id is known by: its place, behind its file's name where there are several. */
  name: string
}

/** What was made of a record, and where it is. */
export interface PlacedRow<R> {
  /** The row, or conversation. */
  row: R
  /** Its path. */
  file: string
  /** A line or the number of a row, counted from 1. */
  place: string
}

/**
 * What `usable` makes of each record, its columns mapped. One that cannot be read or used, or whose id was there before, is a
 * FileFormatError, unless `source.maxBadRows` has room for it.
 */
export async function* readRecords<R extends { readonly id: string }>(
  from: string | DataSource,
  usable: (value: unknown, at: RecordPlace) => R | FileFormatError,
  { onBadRow, env, signal }: ReadRecordOptions = {},
): AsyncGenerator<PlacedRow<R>> {
  const source = dataSource(from)
  const { files } = await locateData(source, env)
  if (source.sha256 !== undefined) await requireFingerprint(source, files)
  const isOneFile = files.length === 1
  const allowance = new BadRows(source.maxBadRows ?? 0, onBadRow)
  const ids = new Set<string>()
  for (const file of files) {
    for await (const record of readerOf(file.path)(file.path, { signal })) {
      signal?.throwIfAborted()
      const { place } = record
      const at = { file: file.path, place, name: isOneFile ? place : `${file.name} ${place}` }
      const row = 'problem' in record ? record.problem : newRow(record.value, { source, at, ids, usable })
      if (row instanceof FileFormatError) allowance.pass(row)
      else yield { row, file: file.path, place }
    }
  }
}

/** Counts bad rows; the first one too many is thrown. */
export class BadRows {
  constructor(
    private readonly max: number,
    private readonly tell: ReadRecordOptions['onBadRow'],
    /** So many there were before. */
    private numBad = 0,
  ) {}

  pass(problem: FileFormatError): void {
    this.numBad++
    if (this.max === 0) throw problem
    if (this.numBad > this.max) throw tooMany(problem, this.max)
    this.tell?.(problem)
  }
}

async function requireFingerprint({ path: file, sha256 }: DataSource, files: readonly DataFile[]): Promise<void> {
  const got = await fingerprint(files)
  if (got === sha256) return
  throw new FileFormatError({ file }, `expected data with sha256 ${sha256}, got ${got}: it has changed`)
}

function tooMany({ file, place, message }: FileFormatError, max: number): FileFormatError {
  const what = message.slice(`${file}, ${place}: `.length)
  return new FileFormatError({ file, place }, `${what}; expected at most ${max} bad rows (maxBadRows), got one more`)
}

function newRow<R extends { readonly id: string }>(
  value: unknown,
  {
    source,
    at,
    ids,
    usable,
  }: {
    source: DataSource
    at: RecordPlace
    /** Of the rows before; a row that is used adds its own. */
    ids: Set<string>
    usable: (value: unknown, at: RecordPlace) => R | FileFormatError
  },
): R | FileFormatError {
  const mapped = mapColumns(value, source)
  if ('problem' in mapped) return new FileFormatError(at, mapped.problem)
  const row = usable(mapped.value, at)
  if (row instanceof FileFormatError) return row
  if (ids.has(row.id)) return new FileFormatError(at, `id "${row.id.slice(0, 100)}" is there twice`)
  ids.add(row.id)
  return row
}
