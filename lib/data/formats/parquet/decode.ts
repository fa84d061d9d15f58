// Parquet, a row group at a time. A damaged page can keep the decoder in a loop or fill all memory: only a process that can be
// killed calls this on a file that nobody has checked.
import { open } from 'node:fs/promises'
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects, type RowGroup } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { plainRow } from '../plain-value.js'
import { ByteBudget, fileSlices } from './file-slices.js'
import type { DecodedPart } from './messages.js'

/** A footer is as a rule far smaller; a larger one is read in two pieces. */
const footerBytes = 2 ** 16
/** To read and to decompress, for a row group. */
const mostBytes = 2 ** 32

export async function* decodeParquet(path: string): AsyncGenerator<DecodedPart> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const budget = new ByteBudget(mostBytes)
    const file = fileSlices(handle, size, budget)
    const metadata = await parquetMetadataAsync(file, { initialFetchSize: footerBytes })
    const source = { file, metadata, budget, compressors: counted(budget) }
    let first = 1
    for (const [i, group] of metadata.row_groups.entries()) {
      const numRows = rowsOf(group, i)
      yield { kind: 'group', place: placeOf(i, first, numRows), bytes: Math.min(size, bytesOf(group)) }
      yield { kind: 'rows', first, rows: await plainRows(source, group, numRows) }
      first += numRows
    }
  } finally {
    await handle.close()
  }
}

interface Source {
  file: AsyncBuffer
  metadata: FileMetaData
  budget: ByteBudget
  compressors: typeof compressors
}

async function plainRows(
  { file, metadata, budget, compressors }: Source,
  group: RowGroup,
  numRows: number,
): Promise<Record<string, unknown>[]> {
  budget.renew()
  const scales = new Map(metadata.schema.flatMap(({ name, scale }) => (scale === undefined ? [] : [[name, scale]])))
  // As a file of this group alone, since the time to plan would otherwise grow with the square of their number.
  const alone = { ...metadata, row_groups: [group], num_rows: group.num_rows }
  const rows = await parquetReadObjects({ file, metadata: alone, compressors, rowStart: 0, rowEnd: numRows })
  return rows.map((row) => plainRow(row, scales))
}

const placeOf = (index: number, first: number, numRows: number): string =>
  `row group ${index + 1}, ${numRows === 0 ? 'no rows' : `rows ${first} to ${first + numRows - 1}`}`

function rowsOf({ num_rows }: RowGroup, index: number): number {
  const numRows = Number(num_rows)
  if (Number.isSafeInteger(numRows) && numRows >= 0) return numRows
  throw new RangeError(`row group ${index + 1} has ${num_rows} rows`)
}

/** What the metadata says of compressed bytes; infinite where that makes no sense. */
function bytesOf({ columns }: RowGroup): number {
  const bytes = columns.map(({ meta_data }) => Number(meta_data?.total_compressed_size ?? 0))
  return bytes.every((size) => size >= 0) ? bytes.reduce((sum, size) => sum + size, 0) : Number.POSITIVE_INFINITY
}

function counted(budget: ByteBudget): typeof compressors {
  const entries = Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputBytes: number) => {
      budget.take(outputBytes)
      return decompress(input, outputBytes)
    },
  ])
  return Object.fromEntries(entries) as typeof compressors
}
