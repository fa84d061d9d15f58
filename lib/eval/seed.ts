// The seed of an interval, which a measure always asks for.
import { checkOptions, type OptionKeys, requireNumbers } from '../arguments.js'

const optionKeys: OptionKeys<{ seed: number }> = { seed: true }

/** Throws where it is missing. */
export function seedOf(place: string, options: { seed: number }): number {
  checkOptions(place, options, optionKeys)
  const { seed } = options
  requireNumbers(place, { seed })
  return seed
}
