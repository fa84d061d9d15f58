// A file as the decoder reads it: piece by piece, and no more of it than a bound allows.
import type { FileHandle } from 'node:fs/promises'
import type { AsyncBuffer } from 'hyparquet'

/** Counts the bytes that decoding a row group takes outside the heap, which V8's own limit does not cover. */
export class ByteBudget {
  #taken = 0

  constructor(readonly most: number) {}

  /** For the next row group. */
  renew(): void {
    this.#taken = 0
  }

  take(bytes: number): void {
    this.#taken += Math.max(0, bytes)
    if (!(this.#taken <= this.most)) throw new RangeError(`a row group takes more than ${this.most} bytes`)
  }
}

export function fileSlices(handle: FileHandle, byteLength: number, budget: ByteBudget): AsyncBuffer {
  const slice = async (start: number, end = byteLength): Promise<ArrayBuffer> => {
    if (!(start >= 0 && start <= end && end <= byteLength))
      throw new RangeError(`bytes ${start} to ${end} of a file of ${byteLength}`)
    budget.take(end - start)
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
