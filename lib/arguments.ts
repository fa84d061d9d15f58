// Arguments as they come from JavaScript, where no compiler has looked at them: checked once, at the border.
import { ArgumentError } from './errors.js'
import { unknownKey } from './nearest-name.js'

/** Every key that an options object may have; the compiler refuses a list that lacks one, or has one too many. */
export type OptionKeys<Options> = { readonly [Key in keyof Options]-?: true }

/** Throws unless options are an object with known keys alone: a key that nobody reads would leave its default in place, unseen. */
export function checkOptions<Options extends object>(
  place: string,
  options: Options,
  known: OptionKeys<Options>,
  argument = 'options',
): void {
  requireObjects(place, { [argument]: options })
  for (const key in options)
    if (!Object.hasOwn(known, key))
      throw new ArgumentError(`[${place}] ${unknownKey(key, { known: Object.keys(known), where: argument })}`)
}

/** Arguments by their names. */
type Named = Readonly<Record<string, unknown>>

export function requireObjects(place: string, values: Named): void {
  requireEach(place, 'an object', values, (value) => typeof value === 'object' && value !== null)
}

export function requireArrays(place: string, values: Named): void {
  requireEach(place, 'an array', values, Array.isArray)
}

export function requireStrings(place: string, values: Named): void {
  requireEach(place, 'a string', values, (value) => typeof value === 'string')
}

export function requireFunctions(place: string, values: Named): void {
  requireEach(place, 'a function', values, (value) => typeof value === 'function')
}

/** NaN is one too: whether it is in range is for the function to say. */
export function requireNumbers(place: string, values: Named): void {
  requireEach(place, 'a number', values, (value) => typeof value === 'number')
}

/** Instances of a class of this package, or of one made from it. */
export function requireInstances(place: string, made: Class, values: Named): void {
  const article = /^[AEIOU]/.test(made.name) ? 'an' : 'a'
  requireEach(place, `${article} ${made.name}`, values, (value) => made[Symbol.hasInstance](value))
}

// Any class: its constructor may be private.
interface Class {
  readonly name: string
  [Symbol.hasInstance](value: unknown): boolean
}

/** `what` stands in the message, before the argument's name. */
export function requireEach(place: string, what: string, values: Named, isRight: (value: unknown) => boolean): void {
  for (const name in values)
    if (!isRight(values[name]))
      throw new ArgumentError(`[${place}] expected ${what} for ${name}, got ${kindOf(values[name])}`)
}

/** What a wrong argument is, in words. */
export function kindOf(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'string') return value.length <= 60 ? JSON.stringify(value) : 'a long string'
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'an array' : 'an object'
}
