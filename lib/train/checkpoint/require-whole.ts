// A run that has checkpoints, none of them whole, is not begun anew unasked: what its files still hold would be thrown away.
import { FileFormatError } from '../../errors.js'
import type { FoundCheckpoint } from './checkpoint-store.js'

export function requireWhole({ checkpoint, damaged }: FoundCheckpoint, folder: string): void {
  if (checkpoint || damaged.length === 0) return
  const why = damaged.map((damage) => `${damage.folder}: ${damage.why}`).join('; ')
  const expected = 'expected a checkpoint that is whole, found none'
  throw new FileFormatError({ file: folder }, `${expected} (${why}); remove the folder to begin the run anew`)
}
