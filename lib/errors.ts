// Every error this package throws on purpose carries `code`, the name of its class: a stable thing to switch on.
// The first four are also raised by the native engine, with the same codes.

/** Letters: messages quote files, and a file may hold a name of any length. */
const longestMessage = 10_000

export class LengthenError extends Error {
  readonly code: string
  /** The op that failed, of errors that the native engine tells after the op's call returned. */
  declare op?: string

  constructor(message: string, options?: ErrorOptions) {
    super(shortened(message), options)
    this.name = new.target.name
    this.code = new.target.name
  }
}

/** The caller's mistake. */
export class ArgumentError extends LengthenError {}

/** What this build or this device does not do; the message lists what it does. */
export class UnsupportedError extends LengthenError {}

export class OutOfMemoryError extends LengthenError {
  /** Both undefined where the engine itself ran out of host memory. */
  readonly askedBytes: number | undefined
  readonly freeBytes: number | undefined

  constructor(message: string, bytes: { asked?: number | undefined; free?: number | undefined }) {
    super(message)
    this.askedBytes = bytes.asked
    this.freeBytes = bytes.free
  }
}

/** A failing call of the device or of its driver. */
export class DeviceError extends LengthenError {}

/** A file that is not what its name promises. `place` says where in it: a tensor, a line, the header; empty for the whole. */
export class FileFormatError extends LengthenError {
  readonly file: string
  readonly place: string | undefined

  constructor(at: { file: string; place?: string | undefined }, message: string, options?: ErrorOptions) {
    super(`${at.file}${at.place ? `, ${at.place}` : ''}: ${message}`, options)
    this.file = at.file
    this.place = at.place
  }
}

/** Where a recipe is wrong. `file` is the YAML file, or the command-line flag that set the value. */
export interface RecipePlace {
  file: string
  line?: number | undefined
  column?: number | undefined
  /** Dotted path of the key, as `--set` takes it; empty for the recipe as a whole. */
  key: string
}

export class RecipeError extends LengthenError implements RecipePlace {
  readonly file: string
  readonly line: number | undefined
  readonly column: number | undefined
  readonly key: string

  constructor(place: RecipePlace, message: string, options?: ErrorOptions) {
    super(`${placeText(place)}: ${message}`, options)
    this.file = place.file
    this.line = place.line
    this.column = place.column
    this.key = place.key
  }
}

/** A tokenizer's folder cannot do what was asked: no chat template, an endless template, text outside the vocabulary. */
export class TokenizerError extends LengthenError {}

/** A reward failed too often for its scores to be trusted. */
export class RewardError extends LengthenError {}

// The middle goes: the place stands first, what was expected last.
function shortened(message: string): string {
  const half = longestMessage / 2
  return message.length <= longestMessage ? message : `${message.slice(0, half)} … ${message.slice(-half)}`
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** As editors read it: file:line:column. */
export function placeText(place: RecipePlace): string {
  if (place.line === undefined) return place.file
  return place.column === undefined ? `${place.file}:${place.line}` : `${place.file}:${place.line}:${place.column}`
}
