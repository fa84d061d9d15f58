// The data sets of a recipe, read into memory: their rows, and what is to be known of them later on.
import { fingerprint } from '../data/fingerprint.js'
import { locateData } from '../data/locate.js'
import type { Row } from '../data/row.js'
import { type NumberedRow, readNumberedRows } from '../data/rows.js'
import { FileFormatError } from '../errors.js'
import { type DataSetSection, sourceOf } from './recipe/data-set.js'
import type { Recipe } from './recipe/recipe.js'

export interface ReadSet {
  rows: Row[]
  /** The same rows, with their files and places. */
  numbered: NumberedRow[]
  /** As in the recipe, with the hash of what was read, and the commit of what came from the Hugging Face cache. */
  section: DataSetSection
  /** Rows that were passed over, each with its place and what is wrong with it. */
  badRows: string[]
}

/** Every row must have an answer. Data that is not what the recipe's sha256 says is an error. */
export async function readSet(
  set: DataSetSection,
  data: Recipe['data'],
  { atLeast }: { atLeast: number },
): Promise<ReadSet> {
  const source = sourceOf(set, data)
  const file = source.path
  const section = await identified(set)
  const badRows: string[] = []
  const onBadRow = ({ message }: Error) => void badRows.push(message)
  const numbered = await readNumberedRows(source, { needsAnswer: true, onBadRow })
  const rows = numbered.map(({ row }) => row)
  if (rows.length < atLeast)
    throw new FileFormatError({ file }, `expected at least ${atLeast} rows, got ${rows.length}`)
  return { rows, numbered, badRows, section }
}

/** As in the recipe, with the hash of what is there now, and the commit of what comes from the Hugging Face cache. */
export async function identified(set: DataSetSection): Promise<DataSetSection> {
  const own = typeof set === 'string' ? { path: set } : set
  const { files, commit } = await locateData(own)
  const sha256 = await fingerprint(files)
  return { ...own, ...(commit !== undefined && { revision: commit }), sha256 }
}
