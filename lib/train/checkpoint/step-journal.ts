// The journal of a step that is under way, on disk: finished groups as they come, and verdicts before they are used. It lasts until a
// checkpoint holds what the step made of them.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileLines } from '../../io/file-lines.js'
import { JsonlWriter } from '../../io/jsonl.js'
import { makeFolder } from '../../io/make-folder.js'
import { syncFolder } from '../../io/write-file.js'
import type { Verdict } from '../../reward/verdict.js'
import type { Answer } from '../../rollout/engine.js'
import type { RolloutJournal } from '../rollout-journal.js'

/** Which step, and after how many rollbacks: the same step is another one then. */
export interface JournalKey {
  step: number
  numRollbacks: number
}

type Entry =
  | { key: JournalKey }
  | { round: number; index: number; answers: readonly StoredAnswer[] }
  | { round: number; verdicts: readonly Verdict[] }

interface StoredAnswer {
  tokens: readonly number[]
  text: string
  /** float32 in the machine's order, base64. */
  logprobs: string
  finishReason: Answer['finishReason']
}

export class StepJournal implements RolloutJournal {
  readonly #answers = new Map<string, readonly Answer[]>()
  readonly #verdicts = new Map<number, readonly Verdict[]>()

  private constructor(
    private readonly writer: JsonlWriter,
    entries: readonly Entry[],
  ) {
    for (const entry of entries) {
      if ('answers' in entry) this.#answers.set(placeOf(entry), entry.answers.map(answerOf))
      else if ('verdicts' in entry) this.#verdicts.set(entry.round, entry.verdicts)
    }
  }

  /** What an earlier life has noted of this step is gone on with; a line that it did not finish is cut off. */
  static async open(folder: string, key: JournalKey): Promise<StepJournal> {
    await makeFolder(folder)
    const path = join(folder, nameOf(key.step))
    const { entries, numBytes } = await readEntries(path)
    const isOurs = isSame(entries[0], key)
    const writer = await JsonlWriter.open(path)
    await writer.cut(isOurs ? numBytes : 0)
    if (!isOurs) await writer.write({ key } satisfies Entry)
    await syncFolder(folder) // else the file itself may be lost with the machine, whatever of it is durable
    return new StepJournal(writer, isOurs ? entries : [])
  }

  answers(round: number, index: number): readonly Answer[] | undefined {
    return this.#answers.get(placeOf({ round, index }))
  }

  /** A write that fails is told by the next noteVerdicts. */
  noteAnswers(round: number, index: number, answers: readonly Answer[]): void {
    this.writer.write({ round, index, answers: answers.map(stored) } satisfies Entry).catch(() => {})
  }

  verdicts(round: number): readonly Verdict[] | undefined {
    return this.#verdicts.get(round)
  }

  async noteVerdicts(round: number, verdicts: readonly Verdict[]): Promise<void> {
    await this.writer.write({ round, verdicts } satisfies Entry)
    await this.writer.sync()
  }

  async close(): Promise<void> {
    await this.writer.close()
  }
}

/** Journals of steps up to one that a checkpoint holds go; and those of steps after one that a run went back to. */
export async function removeJournals(folder: string, { upTo = -1, after = Number.POSITIVE_INFINITY }): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, digits] = /^step-(\d+)\.jsonl$/.exec(name) ?? []
    const step = Number(digits)
    if (step <= upTo || step > after) await rm(join(folder, name), { force: true })
  }
}

const nameOf = (step: number): string => `step-${String(step).padStart(6, '0')}.jsonl`
const placeOf = ({ round, index }: { round: number; index: number }): string => `${round}:${index}`

/** The whole lines of a journal, up to one that is none; one of a long step is larger than a string can be. */
async function readEntries(path: string): Promise<{ entries: Entry[]; numBytes: number }> {
  const entries: Entry[] = []
  let numBytes = 0
  try {
    for await (const { offset, bytes, isWhole } of fileLines(path)) {
      const entry = isWhole ? entryOf(bytes.toString()) : undefined
      if (!entry) break
      entries.push(entry)
      numBytes = offset + bytes.length + 1
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return { entries, numBytes }
}

function entryOf(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry
  } catch {
    return undefined
  }
}

function isSame(entry: Entry | undefined, { step, numRollbacks }: JournalKey): boolean {
  return entry !== undefined && 'key' in entry && entry.key.step === step && entry.key.numRollbacks === numRollbacks
}

const stored = ({ tokens, text, rolloutLogprobs, finishReason }: Answer): StoredAnswer => {
  const { buffer, byteOffset, byteLength } = rolloutLogprobs
  return { tokens, text, logprobs: Buffer.from(buffer, byteOffset, byteLength).toString('base64'), finishReason }
}

const answerOf = ({ tokens, text, logprobs, finishReason }: StoredAnswer): Answer => ({
  tokens: [...tokens],
  text,
  rolloutLogprobs: new Float32Array(Uint8Array.from(Buffer.from(logprobs, 'base64')).buffer),
  finishReason,
})
