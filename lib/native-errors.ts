// What the native engine throws, as the classes of errors.ts.
import { ArgumentError, DeviceError, isError, LengthenError, OutOfMemoryError, UnsupportedError } from './errors.js'
import { howToGetCuda } from './native-file.js'

/** The engine's own error: plain, with properties. */
interface NativeError extends Error {
  code: string
  /** The op that failed, where it ran after its call had returned. */
  op?: string
  askedBytes?: number
  freeBytes?: number
}

const classes: Readonly<Record<string, (error: NativeError) => LengthenError>> = {
  ArgumentError: ({ message }) => new ArgumentError(message),
  UnsupportedError: ({ message }) => new UnsupportedError(message + advice(message)),
  OutOfMemoryError: ({ message, askedBytes, freeBytes }) =>
    new OutOfMemoryError(message, { asked: askedBytes, free: freeBytes }),
  DeviceError: ({ message }) => new DeviceError(message),
}

// The engine knows its devices, not the packages that they come in.
const advice = (message: string): string =>
  message.startsWith('[device] this build has no CUDA backend') ? `; cuda needs ${howToGetCuda()}` : ''

/** The same error as an instance of its class; anything else as it is. */
export function toLengthenError(thrown: unknown): unknown {
  if (!isError(thrown) || thrown instanceof LengthenError) return thrown
  const error = thrown as NativeError
  const made = classes[error.code]?.(error)
  if (!made) return thrown
  if (error.op !== undefined) made.op = error.op
  return made
}

/** Calls fn; an error of the engine is thrown as an instance of its class. */
export function typed<Result>(fn: () => Result): Result {
  try {
    return fn()
  } catch (error) {
    throw toLengthenError(error)
  }
}
