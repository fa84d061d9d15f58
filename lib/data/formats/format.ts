// What every reader of a file format gives: records one after another, and where in the file each of them is.
import type { FileFormatError } from '../../errors.js'

/** A record, or why it cannot be read where the ones behind it can. What makes the rest unreadable too is thrown. */
export type FileRecord =
  | { readonly place: string; readonly value: unknown }
  | { readonly place: string; readonly problem: FileFormatError }

export interface FormatOptions {
  /** Heard at once where a record may be long in coming; between records it is for the caller to look at. */
  signal?: AbortSignal | undefined
}

/** Reads a file as a stream; `place` is a line or the number of a row, both counted from 1. */
export type FormatReader = (path: string, options?: FormatOptions) => AsyncGenerator<FileRecord>
