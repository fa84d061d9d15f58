// A failure to write that names the file: the system's own names none where a handle is written to.
import { isError, LengthenError, messageOf } from '../errors.js'

export async function namedWrite<Result>(path: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write()
  } catch (cause) {
    throw isNameless(cause) ? new LengthenError(`${path} could not be written: ${messageOf(cause)}`, { cause }) : cause
  }
}

const isNameless = (error: unknown): boolean =>
  isError(error) && 'syscall' in error && (!('path' in error) || error.path === undefined)
