// What ran out of memory in a rehearsal, in words: where, how much was missing, and which keys of a recipe ask for less.
import { OutOfMemoryError } from '../../errors.js'

export interface Rehearsed {
  /** The stage or the evaluation. */
  place: string
  /** What was tried there. */
  what: string
  /** Keys of a recipe that would make it smaller, as they would be written. */
  remedies: readonly string[]
}

/** An OutOfMemoryError with what was rehearsed in its message; any other error as it is. */
export function withPlace(error: unknown, { place, what, remedies }: Rehearsed): unknown {
  if (!(error instanceof OutOfMemoryError)) return error
  const { askedBytes: asked, freeBytes: free, op } = error
  const sizes = asked === undefined ? '' : `: ${op ?? 'an op'} asked for ${asked} bytes, ${free ?? 0} are free`
  const help = remedies.length > 0 ? `; less is asked with ${remedies.join(', or ')}` : ''
  const told = new OutOfMemoryError(`[rehearsal] ${place}: ${what} does not fit into memory${sizes}${help}`, {
    asked,
    free,
  })
  told.cause = error
  return told
}
