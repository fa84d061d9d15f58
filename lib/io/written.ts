// What the system said against writing, as an error of this package that names what was to be written.
import { isError, LengthenError, messageOf } from '../errors.js'

/** Runs write; a failure of the system is told as one of writing `path`, everything else, an abort's reason say, as it is. */
export async function written<Result>(path: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write()
  } catch (cause) {
    if (cause instanceof LengthenError || !isError(cause) || !('syscall' in cause)) throw cause
    throw new LengthenError(`${path} could not be written: ${messageOf(cause)}`, { cause })
  }
}
