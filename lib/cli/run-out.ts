// The directory of a run, as a command line names it.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../errors.js'
import { UsageError } from './failure.js'

/** A directory that is not what the command needs is wrong usage. */
export async function usable<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

/** Steps done in the last checkpoint. */
export function savedStep(out: string): number | undefined {
  const folder = join(out, 'checkpoints')
  const steps = existsSync(folder) ? readdirSync(folder).flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? []) : []
  return steps.length === 0 ? undefined : Math.max(...steps.map(Number))
}

/** What an interrupted run has saved, and how it goes on: by `lengthen <command> --resume`. */
export function savedText(out: string, command: string): string {
  const step = savedStep(out)
  if (step === undefined) return existsSync(out) ? `${out} holds no checkpoint yet` : 'it had not begun'
  return `step ${step} is saved: lengthen ${command} --resume ${out} goes on from there`
}
