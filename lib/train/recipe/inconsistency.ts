// A value of a recipe that does not fit another, at the key that is to be changed.
import type { KeyPath } from './source.js'

export interface Inconsistency {
  path: KeyPath
  message: string
}

export const expectedAt = (path: KeyPath, expected: string, got: number | string): Inconsistency => ({
  path,
  message: `expected ${expected} for ${path.join('.')}, got ${got}`,
})
