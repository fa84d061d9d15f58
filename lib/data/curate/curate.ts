// The curation of a training set: rows go through the checks one after another, and the first that is against a row drops it.
// Pure but for counting tokens and embedding: the same rows in the same order give the same result.
import { setImmediate } from 'node:timers/promises'
import { AnswerCheck } from './answer-check.js'
import { type Candidate, candidateOf } from './candidate.js'
import { dropSimilar } from './drop-similar.js'
import { DuplicateCheck } from './duplicate-check.js'
import { TestCheck } from './test-check.js'
import type { Curation, CurationOptions, Drop, DroppedRow, KeptRow, SourcedRow } from './types.js'

/** Rows worked on before other work of the process gets its turn. */
const rowsAtOnce = 256

/** Earlier rows win: of two duplicates the first is kept. */
export async function curate(
  rows: readonly SourcedRow[],
  tests: readonly SourcedRow[],
  options: CurationOptions,
): Promise<Curation> {
  const curator = new Curator(tests, options)
  const kept: KeptRow[] = []
  const dropped: DroppedRow[] = []
  for (const [i, row] of rows.entries()) {
    if (i % rowsAtOnce === 0) await breathe(options, i)
    const judged = await curator.judge(row)
    if ('reason' in judged) dropped.push(judged)
    else kept.push(judged)
  }
  options.onProgress?.(rows.length)
  const curation = { kept, dropped, overlaps: curator.overlaps }
  return options.embeddings ? dropSimilar(curation, tests, { ...options, ...options.embeddings }) : curation
}

async function breathe({ signal, onProgress }: CurationOptions, numDone: number): Promise<void> {
  await setImmediate()
  signal?.throwIfAborted()
  onProgress?.(numDone)
}

class Curator {
  readonly #options: CurationOptions
  readonly #answers: AnswerCheck
  readonly #tests: TestCheck
  readonly #duplicates: DuplicateCheck

  constructor(tests: readonly SourcedRow[], options: CurationOptions) {
    const { nearThreshold = 0.8, isSameAnswer } = options
    this.#options = options
    this.#answers = new AnswerCheck(options)
    this.#tests = new TestCheck(tests, { nearThreshold, isSameAnswer })
    this.#duplicates = new DuplicateCheck({ nearThreshold, isSameAnswer })
  }

  get overlaps(): Curation['overlaps'] {
    return this.#tests.overlaps()
  }

  async judge(sourced: SourcedRow): Promise<KeptRow | DroppedRow> {
    const candidate = candidateOf(sourced)
    const { answerKind, ...answerDrop } = this.#answers.judge(candidate)
    const overlapDrop = this.#tests.judge(candidate) // of every row, so that the report on the tests is whole
    if ('reason' in answerDrop) return { ...sourced, ...answerDrop }
    if (overlapDrop) return { ...sourced, ...overlapDrop }
    const { drop, numPromptTokens } = await this.#countTokens(candidate)
    const problem = drop ?? this.#duplicates.judge(candidate)
    if (problem) return { ...sourced, ...problem }
    const { answers, words } = candidate
    return { ...sourced, answers, answerKind: answerKind as string, numWords: words.length, numPromptTokens }
  }

  async #countTokens({ row }: Candidate): Promise<{ drop?: Drop; numPromptTokens: number | undefined }> {
    const { promptTokens } = this.#options
    if (!promptTokens) return { numPromptTokens: undefined }
    const numPromptTokens = await promptTokens.count(row)
    if (numPromptTokens <= promptTokens.max) return { numPromptTokens }
    const why = `a prompt of ${numPromptTokens} tokens, more than ${promptTokens.max}`
    return { drop: { reason: 'overlong', why }, numPromptTokens }
  }
}
