// A data set's rows one after another, whatever it is kept in. A file is read as it is needed; it may be larger than memory.
import { FileFormatError } from '../errors.js'
import { fingerprint } from './fingerprint.js'
import { readerOf } from './formats/index.js'
import { type DataFile, locateData } from './locate.js'
import { mapColumns } from './map-columns.js'
import type { Row } from './row.js'
import { rowOf } from './row-of.js'
import { type DataSource, dataSource } from './source.js'

export interface ReadOptions {
  /** Told of every row that is passed over, as `maxBadRows` allows. */
  onBadRow?: ((problem: FileFormatError) => void) | undefined
  /** Without an answer a row cannot be used. */
  needsAnswer?: boolean | undefined
  /** Where HF_HOME and HF_HUB_CACHE are looked up. */
  env?: NodeJS.ProcessEnv | undefined
  signal?: AbortSignal | undefined
}

/**
 * The rows of a file, a folder, or a data set in the Hugging Face cache. A row that cannot be used (no JSON, no `problem`, a column that is
 * mapped and missing, an id that was there before) is a FileFormatError with its file and line, unless `source.maxBadRows` has room for it.
 */
export async function* readData(source: string | DataSource, options: ReadOptions = {}): AsyncGenerator<Row> {
  for await (const { row } of readPlaced(source, options)) yield row
}

/** As readData, each row with its file and its place there. */
export async function* readPlaced(
  from: string | DataSource,
  { onBadRow, needsAnswer = false, env, signal }: ReadOptions = {},
): AsyncGenerator<{ row: Row; file: string; place: string }> {
  const source = dataSource(from)
  const { files } = await locateData(source, env)
  if (source.sha256 !== undefined) await requireFingerprint(source, files)
  const isOneFile = files.length === 1
  const allowance = new Allowance(source.maxBadRows ?? 0, onBadRow)
  const ids = new Set<string>()
  for (const file of files) {
    for await (const record of readerOf(file.path)(file.path, { signal })) {
      signal?.throwIfAborted()
      const { place } = record
      const name = isOneFile ? place : `${file.name} ${place}`
      const row =
        'problem' in record ? record.problem : usableRow(record.value, source, { file, place, name, ids, needsAnswer })
      if (row instanceof FileFormatError) allowance.pass(row)
      else yield { row, file: file.path, place }
    }
  }
}

async function requireFingerprint({ path: file, sha256 }: DataSource, files: readonly DataFile[]): Promise<void> {
  const got = await fingerprint(files)
  if (got === sha256) return
  throw new FileFormatError({ file }, `expected data with sha256 ${sha256}, got ${got}: it has changed`)
}

/** Counts bad rows; the first one too many is thrown. */
class Allowance {
  #numBad = 0

  constructor(
    private readonly max: number,
    private readonly tell: ReadOptions['onBadRow'],
  ) {}

  pass(problem: FileFormatError): void {
    this.#numBad++
    if (this.max === 0) throw problem
    if (this.#numBad > this.max) throw tooMany(problem, this.max)
    this.tell?.(problem)
  }
}

function tooMany({ file, place, message }: FileFormatError, max: number): FileFormatError {
  const what = message.slice(`${file}, ${place}: `.length)
  return new FileFormatError({ file, place }, `${what}; expected at most ${max} bad rows (maxBadRows), got one more`)
}

interface Context {
  file: DataFile
  place: string
  name: string
  /** Of the rows before; a row that is used adds its own. */
  ids: Set<string>
  needsAnswer: boolean
}

function usableRow(value: unknown, source: DataSource, context: Context): Row | FileFormatError {
  const { file, place, name, ids, needsAnswer } = context
  const at = { file: file.path, place }
  const mapped = mapColumns(value, source)
  if ('problem' in mapped) return new FileFormatError(at, mapped.problem)
  const row = rowOf(mapped.value, { ...at, name })
  if (row instanceof FileFormatError) return row
  if (needsAnswer && row.answer === undefined) return lacksAnswer(row, { ...at, name })
  if (ids.has(row.id)) return new FileFormatError(at, `id "${row.id.slice(0, 100)}" is there twice`)
  ids.add(row.id)
  return row
}

function lacksAnswer(
  { id }: Row,
  { file, place, name }: { file: string; place: string; name: string },
): FileFormatError {
  const which = id === name ? place : `${place}, row ${JSON.stringify(id)}`
  return new FileFormatError({ file, place: which }, 'expected an answer, got none')
}
