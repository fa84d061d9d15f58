// How a failure reads on the command line, and its exit status.
import { ArgumentError, LengthenError, messageOf, RecipeError } from '../errors.js'
import { modelTextWriter } from './harmless.js'

/** Thrown by a command whose arguments make no sense: exit status 2. */
export class UsageError extends LengthenError {}

/** A signal ended the run: exit status 1. */
export class InterruptedError extends LengthenError {
  readonly interrupted = true

  /** `done` says how far the work had come. */
  constructor(message: string, done: object = {}) {
    super(message)
    Object.assign(this, done)
  }
}

/** Says what went wrong, to people and with --json to programs too, and returns the exit status: 2 or 1. */
export function reportFailure(error: unknown): number {
  tellProgram(error)
  modelTextWriter(process.stderr)(failureText(error)) // what a data set says may be in it
  return exitStatus(error)
}

/** 2: what was asked for cannot be, by the command line, the recipe, the environment or a file they name that is not there; 1: any other failure. */
export const exitStatus = (error: unknown): 1 | 2 =>
  error instanceof RecipeError || error instanceof UsageError || isOfEnvironment(error) ? 2 : 1

/** What LENGTHEN_ADDON, LENGTHEN_ISA and LENGTHEN_THREADS may be is checked where they are read, before a command knows of it. */
const isOfEnvironment = (error: unknown): boolean =>
  error instanceof ArgumentError && /^\[(addon|target|LENGTHEN_THREADS)\] /.test(error.message)

/** With --json, prints the error as an object on stdout. */
export function tellProgram(error: unknown): void {
  if (asksForJson(process.argv.slice(2))) process.stdout.write(`${JSON.stringify(errorEvent(error))}\n`)
}

/** One clear message; a stack only for what nobody foresaw. */
export function failureText(error: unknown): string {
  const isForeseen = error instanceof Error && 'code' in error
  const detail = isForeseen || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message)
  return `lengthen: ${detail}\n`
}

/** The last line of a command that failed. */
export interface ErrorEvent {
  type: 'error'
  code: string
  message: string
  /** What else the error says, such as a recipe's line or what an interrupted run has saved. */
  [field: string]: unknown
}

export function errorEvent(error: unknown): ErrorEvent {
  if (!(error instanceof LengthenError)) return { type: 'error', code: codeOf(error), message: messageOf(error) }
  const { name: _, code, message, ...fields } = error
  return { type: 'error', code, message, ...fields }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}

function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).includes('--json')
}
