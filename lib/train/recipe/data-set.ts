// A data set in a recipe: where it is and what its columns mean. A path alone will do where the data section says the rest.
import { z } from 'zod'
import type { DataSource } from '../../data/source.js'

const name = z.string().min(1)

/** For all data sets of the recipe, and for one of them. */
export const reading = {
  /** A row's field: the column that it is taken from, as in `{ problem: question }`. */
  columns: z.record(name, name).optional(),
  /** The answer is what follows the last such marker in its column. */
  answerAfter: name.optional(),
  /** Rows that cannot be used and are passed over; one more ends the run. 0 where left out. */
  maxBadRows: z.int().min(0).optional(),
}

const dataSetWithKeys = z.strictObject({
  /** A file (.jsonl, .json, .csv, .tsv, .parquet), a folder of such files, or the name of a data set in the Hugging Face cache. */
  path: name,
  /** One of the subsets (configurations) of a folder or a name, as its README.md lists them; not for a file. */
  subset: name.optional(),
  /** One of the splits of a folder or a name, such as train; not for a file. */
  split: name.optional(),
  /** Of a name: a branch, a tag or a commit, main where left out. A run writes the commit into its own recipe. */
  revision: name.optional(),
  ...reading,
  /** Of what is read: a run refuses other data, and writes it into its own recipe. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
    .optional(),
})

export const dataSetSection = z.union([name, dataSetWithKeys])

export type DataSetSection = z.output<typeof dataSetSection>

/** What the recipe says of one of its data sets, with what it says of all. */
export function sourceOf(
  set: DataSetSection,
  { columns, answerAfter, maxBadRows }: Pick<DataSource, keyof typeof reading>,
): DataSource {
  const own = typeof set === 'string' ? { path: set } : set
  return { columns, answerAfter, maxBadRows, ...own }
}
