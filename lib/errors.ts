// Every error this package throws on purpose carries `code`, the name of its class: a stable thing to switch on.
// The first four are also raised by the native engine, with the same codes.
import { types } from 'node:util'

/** Letters: messages quote files, and a file may hold a name of any length. */
const longestMessage = 10_000

/**
 * What every error that this package throws on purpose extends. Messages read "[place] expected what for which argument, got
 * what", and are shortened in the middle beyond 10,000 letters.
 */
export class LengthenError extends Error {
  /** The name of the error's class, the same in every version: what to switch on. */
  readonly code: string
  /** The op that failed, of errors that the native engine tells of after the op's call returned. */
  declare op?: string

  constructor(message: string, options?: ErrorOptions) {
    super(shortened(message), options)
    this.name = new.target.name
    this.code = new.target.name
  }
}

/** The caller's mistake: a shape, a dtype, a value, an option, or something disposed of. */
export class ArgumentError extends LengthenError {}

/** What this build or this device does not do; the message lists what it does. */
export class UnsupportedError extends LengthenError {}

/**
 * Memory that an op needed and the device, or its budget (`device.setMemoryBudget`), did not have. It comes when the op runs.
 */
export class OutOfMemoryError extends LengthenError {
  /** What the op asked for. It and freeBytes are undefined where the engine itself ran out of host memory. */
  readonly askedBytes: number | undefined
  /** What there was. */
  readonly freeBytes: number | undefined

  constructor(message: string, bytes: { asked?: number | undefined; free?: number | undefined }) {
    super(message)
    this.askedBytes = bytes.asked
    this.freeBytes = bytes.free
  }
}

/** A failing call of the device or of its driver; the message names it. */
export class DeviceError extends LengthenError {}

/** A file that is not what its name promises, or that cannot be read. */
export class FileFormatError extends LengthenError {
  /** As it was asked for, or found in a folder. */
  readonly file: string
  /** Where in the file: a tensor, a line, the header, a key; undefined for the whole of it. */
  readonly place: string | undefined

  constructor(at: { file: string; place?: string | undefined }, message: string, options?: ErrorOptions) {
    super(`${at.file}${at.place ? `, ${at.place}` : ''}: ${message}`, options)
    this.file = at.file
    this.place = at.place
  }
}

/** Where a recipe is wrong. */
export interface RecipePlace {
  /** The YAML file, or the command-line flag that set the value. */
  file: string
  /** Counted from 1; undefined of a flag, or of what is missing. */
  line?: number | undefined
  /** Counted from 1, in letters. */
  column?: number | undefined
  /** Dotted path of the key, as `--set` takes it; empty for the recipe as a whole. */
  key: string
}

/**
 * A recipe that says something wrong, or lacks something; the message begins with its place as editors read it,
 * file:line:column.
 */
export class RecipeError extends LengthenError implements RecipePlace {
  /** The YAML file, or the command-line flag that set the value. */
  readonly file: string
  /** Counted from 1; undefined of a flag, or of what is missing. */
  readonly line: number | undefined
  /** Counted from 1, in letters. */
  readonly column: number | undefined
  /** Dotted path of the key, as `--set` takes it; empty for the recipe as a whole. */
  readonly key: string

  constructor(place: RecipePlace, message: string, options?: ErrorOptions) {
    super(`${placeText(place)}: ${message}`, options)
    this.file = place.file
    this.line = place.line
    this.column = place.column
    this.key = place.key
  }
}

/**
 * A tokenizer's folder cannot do what was asked: no chat template, an endless template or one that raises an error, text
 * outside the vocabulary.
 */
export class TokenizerError extends LengthenError {}

/**
 * A reward failed too often for its scores to be trusted, gave another number of scores than asked for, or has no process to
 * grade in.
 */
export class RewardError extends LengthenError {}

// The middle goes: the place stands first, what was expected last.
function shortened(message: string): string {
  const half = longestMessage / 2
  return message.length <= longestMessage ? message : `${message.slice(0, half)} … ${message.slice(-half)}`
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return isError(thrown) ? thrown.message : String(thrown)
}

/** @internal Of this vm context or, as what Node itself and the engine throw, of the main one, whose classes are others. */
export const isError = (value: unknown): value is Error => value instanceof Error || types.isNativeError(value)

/**
 * As editors read it: file:line:column.
 * @param place A RecipeError is one.
 */
export function placeText(place: RecipePlace): string {
  if (place.line === undefined) return place.file
  return place.column === undefined ? `${place.file}:${place.line}` : `${place.file}:${place.line}:${place.column}`
}
