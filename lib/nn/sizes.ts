// Sizes of a module, checked when it is made.
import { requireEach } from '../arguments.js'

/** Throws unless each is a whole number from 1. */
export function requireSizes(place: string, sizes: Readonly<Record<string, unknown>>): void {
  requireEach(place, 'a whole number from 1', sizes, (size) => Number.isSafeInteger(size) && (size as number) >= 1)
}
