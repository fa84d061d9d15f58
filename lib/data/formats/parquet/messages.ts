// What a decoder process and its parent say to each other.

/** To the process, over the IPC channel. */
export interface DecodingRequest {
  /** Absolute. */
  path: string
}

/** What decoding a file gives, in this order: each row group as it is begun, then its rows. */
export type DecodedPart =
  /** `bytes`: what the decoding has to read, never more than the file has. */
  | { kind: 'group'; place: string; bytes: number }
  /** `first`: the number of the first of these rows in the file, from 1. */
  | { kind: 'rows'; first: number; rows: Record<string, unknown>[] }

/** From the process, a frame each: `ready` once, then for each request its parts, and how it ended. */
export type DecoderMessage = DecodedPart | { kind: 'ready' } | { kind: 'end' } | { kind: 'failed'; message: string }
