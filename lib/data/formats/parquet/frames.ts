// Messages as frames: the number of bytes, 32 bits little-endian, then V8's serialization, which keeps NaN and -0 as JSON does not.
import { deserialize, serialize } from 'node:v8'
import type { DecoderMessage } from './messages.js'

const lengthBytes = 4
const usualBatchBytes = 2 ** 19

export function frameOf(message: DecoderMessage): Buffer[] {
  const body = serialize(message)
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32LE(body.length)
  return [length, body]
}

/** Rows in frames of about half a megabyte, so that reading one never keeps the event loop for long. */
export function framesOfRows({ first, rows }: { first: number; rows: Record<string, unknown>[] }): Buffer[] {
  const frames: Buffer[] = []
  let size = 16
  for (let start = 0; start < rows.length; ) {
    const batch = rows.slice(start, start + size)
    const frame = frameOf({ kind: 'rows', first: first + start, rows: batch })
    frames.push(...frame)
    start += batch.length
    size = Math.ceil(Math.min(2 * size, (batch.length * usualBatchBytes) / (frame[1] as Buffer).length))
  }
  return frames
}

/** Puts frames together again from the pieces that a pipe gives. */
export class FrameReader {
  #numBytes = 0
  #pieces: Buffer[] = [];

  /** The frames that this piece completes, each with its size in bytes. */
  *push(piece: Buffer): Generator<{ message: DecoderMessage; bytes: number }> {
    this.#pieces.push(piece)
    this.#numBytes += piece.length
    for (let length = this.#length(); this.#numBytes >= lengthBytes + length; length = this.#length()) {
      const all = this.#joined()
      const end = lengthBytes + length
      this.#pieces = [all.subarray(end)]
      this.#numBytes -= end
      yield { message: deserialize(all.subarray(lengthBytes, end)) as DecoderMessage, bytes: end }
    }
  }

  #length(): number {
    if (this.#numBytes < lengthBytes) return Number.POSITIVE_INFINITY
    const [first] = this.#pieces
    return (first && first.length >= lengthBytes ? first : this.#joined()).readUInt32LE()
  }

  #joined(): Buffer {
    const all = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces)
    this.#pieces = [all]
    return all
  }
}
