// How a failure reads on the command line, and its exit status.
import { LengthenError, messageOf, RecipeError } from '../errors.js'
import type { Output } from './reporter.js'

/** Thrown by a command whose arguments make no sense: exit status 2. */
export class UsageError extends LengthenError {}

/** A signal ended the run: exit status 1. */
export class InterruptedError extends LengthenError {}

/** Writes one clear message (a stack only for what nobody foresaw) and returns the exit status: 2 or 1. */
export function reportFailure(error: unknown, output: Output): number {
  const isForeseen = error instanceof Error && 'code' in error
  const detail = isForeseen || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message)
  output.write(`lengthen: ${detail}\n`)
  return error instanceof RecipeError || error instanceof UsageError ? 2 : 1
}
