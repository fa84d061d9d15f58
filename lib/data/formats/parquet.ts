// Parquet: decoded a row group at a time in a process of its own, with a deadline, since a damaged page can keep the decoder in a
// loop for ever. Values become what JSON has: a 64-bit number that float64 does not hold exactly becomes text, a time ISO text,
// bytes base64; null is no value.
import { resolve } from 'node:path'
import { FileFormatError, messageOf } from '../../errors.js'
import { regularFileBytes } from '../../io/read-file.js'
import type { FileRecord, FormatOptions } from './format.js'
import type { DecoderProcess } from './parquet/decoder-process.js'
import { keepDecoder, takeDecoder } from './parquet/spare-decoder.js'

export interface ParquetOptions extends FormatOptions {
  /** @internal For a row group, in milliseconds, beside what its bytes add. */
  deadlineMs?: number
}

const startDeadlineMs = 30_000
const defaultDeadlineMs = 30_000
/** Some hundred times what it takes. */
const deadlineMsPerByte = 1e-3

/** Throws a FileFormatError with the file and the row group whose decoding fails, hangs or takes too much memory. */
export async function* readParquetRecords(
  path: string,
  { signal, deadlineMs = defaultDeadlineMs }: ParquetOptions = {},
): AsyncGenerator<FileRecord> {
  await regularFileBytes(path)
  signal?.throwIfAborted()
  const decoder = await startedDecoder(path)
  const stop = () => decoder.kill()
  signal?.addEventListener('abort', stop)
  let isDone = false
  try {
    signal?.throwIfAborted()
    isDone = yield* decodedRecords(decoder, { path, deadlineMs, signal })
  } finally {
    signal?.removeEventListener('abort', stop)
    if (isDone) keepDecoder(decoder)
    else decoder.kill()
  }
}

interface Decoding {
  path: string
  deadlineMs: number
  signal: AbortSignal | undefined
}

/** True once the file is at its end. */
async function* decodedRecords(
  decoder: DecoderProcess,
  { path, deadlineMs, signal }: Decoding,
): AsyncGenerator<FileRecord, true> {
  decoder.send({ path: resolve(path) })
  let place: string | undefined
  let bytes = 0
  const problem = (cause: unknown) => {
    signal?.throwIfAborted()
    return new FileFormatError({ file: path, place }, `not readable as Parquet: ${messageOf(cause)}`, { cause })
  }
  while (true) {
    const message = await decoder.next(deadlineMs + deadlineMsPerByte * bytes).catch((cause: unknown) => {
      throw problem(cause)
    })
    if (message.kind === 'end') return true
    if (message.kind === 'failed') throw problem(message.message)
    if (message.kind === 'group') ({ place, bytes } = message)
    if (message.kind === 'rows')
      for (const [i, value] of message.rows.entries()) yield { place: `row ${message.first + i}`, value }
  }
}

async function startedDecoder(path: string): Promise<DecoderProcess> {
  const { decoder, isNew } = takeDecoder()
  if (!isNew) return decoder
  await decoder.next(startDeadlineMs).catch((cause: unknown) => {
    decoder.kill()
    const message = `cannot be read: no process to decode Parquet in: ${messageOf(cause)}`
    throw new FileFormatError({ file: path }, message, { cause })
  })
  return decoder
}
