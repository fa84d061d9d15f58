// rolled-back.jsonl: the metrics of steps that a run went back from. A rollback counts its lines, so that a process which dies before the
// rollback is noted leaves none that count, and one which dies after it has lost none.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readTextFileIfPresent } from '../../io/read-file.js'
import { writeFileAtomically } from '../../io/write-file.js'
import type { Rollback } from './rollback.js'

const name = 'rolled-back.jsonl'

/** Adds whole lines to those that the rollbacks so far count; gives how many there are then. */
export async function keepLeftMetrics(folder: string, lines: string, rollbacks: readonly Rollback[]): Promise<number> {
  const text = counted(await textIn(folder), rollbacks) + lines
  await writeFileAtomically(join(folder, name), text)
  return numLinesOf(text)
}

/** Takes away lines that no rollback counts. */
export async function cutLeftMetrics(folder: string, rollbacks: readonly Rollback[]): Promise<void> {
  const text = await textIn(folder)
  const kept = counted(text, rollbacks)
  if (rollbacks.length === 0) await rm(join(folder, name), { force: true })
  else if (kept.length < text.length) await writeFileAtomically(join(folder, name), kept)
}

const textIn = async (folder: string): Promise<string> => (await readTextFileIfPresent(join(folder, name))) ?? ''

/** All of it where the last rollback has no count: earlier versions wrote none. */
function counted(text: string, rollbacks: readonly Rollback[]): string {
  const { numLeftMetrics = Number.POSITIVE_INFINITY } = rollbacks.at(-1) ?? { numLeftMetrics: 0 }
  const lines = text.split('\n').slice(0, -1)
  return lines
    .slice(0, numLeftMetrics)
    .map((line) => `${line}\n`)
    .join('')
}

const numLinesOf = (text: string): number => text.split('\n').length - 1
