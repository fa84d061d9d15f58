// Parquet: read a row group at a time. Values become what JSON has: a 64-bit number that float64 does not hold exactly becomes text, a
// time ISO text, bytes base64; null is no value.
import { type FileHandle, open } from 'node:fs/promises'
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { FileFormatError, messageOf } from '../../errors.js'
import { regularFileBytes } from '../../io/read-file.js'
import type { FileRecord } from './format.js'
import { plainRow } from './plain-value.js'

/** A footer is as a rule far smaller; a larger one is read in two pieces. */
const footerBytes = 2 ** 16

export async function* readParquetRecords(path: string): AsyncGenerator<FileRecord> {
  const byteLength = await regularFileBytes(path)
  const handle = await open(path, 'r')
  try {
    const file = slices(handle, byteLength)
    const metadata = await orFormatError(path, undefined, () =>
      parquetMetadataAsync(file, { initialFetchSize: footerBytes }),
    )
    yield* readGroups(path, file, metadata)
  } finally {
    await handle.close()
  }
}

async function* readGroups(path: string, file: AsyncBuffer, metadata: FileMetaData): AsyncGenerator<FileRecord> {
  const scales = new Map(metadata.schema.flatMap(({ name, scale }) => (scale === undefined ? [] : [[name, scale]])))
  let rowStart = 0
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows)
    const place = `rows ${rowStart + 1} to ${rowEnd}`
    const rows = await orFormatError(path, place, () =>
      parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd }),
    )
    for (const [i, row] of rows.entries()) yield { place: `row ${rowStart + i + 1}`, value: plainRow(row, scales) }
    rowStart = rowEnd
  }
}

function slices(handle: FileHandle, byteLength: number): AsyncBuffer {
  const slice = async (start: number, end = byteLength): Promise<ArrayBuffer> => {
    if (!(start >= 0 && start <= end && end <= byteLength))
      throw new RangeError(`bytes ${start} to ${end} of a file of ${byteLength}`)
    const bytes = new Uint8Array(end - start)
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done)
      if (bytesRead === 0) throw new RangeError(`the file ends at byte ${start + done}`)
      done += bytesRead
    }
    return bytes.buffer
  }
  return { byteLength, slice }
}

async function orFormatError<T>(file: string, place: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new FileFormatError({ file, place }, `not readable as Parquet: ${messageOf(cause)}`, { cause })
  }
}
