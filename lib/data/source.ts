// Which data set is meant, and how its columns become a row's fields.
import { checkOptions, type OptionKeys, requireStrings } from '../arguments.js'

/** A field's name and the column that it is taken from; `a.b.0` reaches into a nested column. */
export type ColumnMapping = Readonly<Record<string, string>>

/** Which data set is meant, and how its columns become a row's fields. */
export interface DataSource {
  /** A file (.jsonl, .json, .csv, .tsv, .parquet), a folder of such files, or the name of a data set in the Hugging Face cache. */
  readonly path: string
  /** Of a folder or a name that has several, as its README.md names them. */
  readonly subset?: string | undefined
  /** Of a folder or a name that has several. */
  readonly split?: string | undefined
  /** Of a name: a branch, a tag or a commit; main where left out. */
  readonly revision?: string | undefined
  /** Columns that are not named keep their names. */
  readonly columns?: ColumnMapping | undefined
  /** The answer is what follows the last such marker in its column: `####` for GSM8K. */
  readonly answerAfter?: string | undefined
  /** So many rows that cannot be used are passed over; one more is an error. 0 where left out. */
  readonly maxBadRows?: number | undefined
  /**
   * What its files must be: of one file its SHA-256; of several the SHA-256 of what sha256sum lists of them, in the order in
   * which they are read.
   */
  readonly sha256?: string | undefined
}

/** A path or a name alone, or with what else there is to say. */
export function dataSource(source: string | DataSource): DataSource {
  if (typeof source === 'string') return { path: source }
  checkOptions('data', source, sourceKeys, 'source')
  requireStrings('data', { 'source.path': source.path })
  return source
}

const sourceKeys: OptionKeys<DataSource> = {
  path: true,
  subset: true,
  split: true,
  revision: true,
  columns: true,
  answerAfter: true,
  maxBadRows: true,
  sha256: true,
}
