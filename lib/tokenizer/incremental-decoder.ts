// Text as tokens arrive: a letter whose bytes are split over tokens comes out with the last of them.
import { TextDecoder } from 'node:util'

/** Text as tokens arrive: a letter whose bytes are split over tokens comes out with the last of them. */
export class IncrementalDecoder {
  // A byte-order mark is text like any other here.
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  constructor(private readonly bytesOf: (id: number) => Uint8Array) {}

  /**
   * The text that this token completes, often none.
   *
   * @throws {@link ArgumentError} for an id outside the vocabulary
   */
  push(id: number): string {
    return this.decoder.decode(this.bytesOf(id), { stream: true })
  }

  /** What was begun and never completed, as U+FFFD; the decoder is then as new. */
  end(): string {
    return this.decoder.decode()
  }
}
