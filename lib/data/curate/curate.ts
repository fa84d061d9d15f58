// The curation of a training set: rows go through the checks one after another, and the first that is against a row drops it.
// Pure but for counting tokens and embedding: the same rows in the same order give the same result.
import { setImmediate } from 'node:timers/promises'
import { checkOptions, type OptionKeys, requireArrays, requireFunctions } from '../../arguments.js'
import { AnswerCheck } from './answer-check.js'
import { type Candidate, candidateOf } from './candidate.js'
import { dropSimilar } from './drop-similar.js'
import { DuplicateCheck } from './duplicate-check.js'
import { TestCheck } from './test-check.js'
import type { Curation, CurationOptions, Drop, DroppedRow, KeptRow, SourcedRow } from './types.js'

/** Rows worked on before other work of the process gets its turn. */
const rowsAtOnce = 256

/**
 * Cleans a training set: rows go through the checks of {@link DropReason} one after another, and the first that is against a
 * row drops it. Earlier rows win: of two duplicates the first is kept. Near-duplicates are found by MinHash (Broder, "On the
 * Resemblance and Containment of Documents", 1997); overlaps with tests are counted exactly. The same rows in the same order
 * give the same result, as far as counting tokens and embedding do.
 *
 * @throws {@link ArgumentError} for embeddings of different lengths
 */
export async function curate(
  rows: readonly SourcedRow[],
  tests: readonly SourcedRow[],
  options: CurationOptions,
): Promise<Curation> {
  requireArrays('curate', { rows, tests })
  checkOptions('curate', options, optionKeys)
  requireFunctions('curate', { readAnswer: options.readAnswer, isSameAnswer: options.isSameAnswer })
  const curator = new Curator(tests, options)
  const kept: KeptRow[] = []
  const dropped: DroppedRow[] = []
  for (let i = 0; i < rows.length; i += rowsAtOnce) {
    await setImmediate()
    options.signal?.throwIfAborted()
    for (const judged of await curator.judge(rows.slice(i, i + rowsAtOnce))) {
      if ('reason' in judged) dropped.push(judged)
      else kept.push(judged)
    }
    options.onProgress?.(Math.min(i + rowsAtOnce, rows.length))
  }
  const curation = { kept, dropped, overlaps: curator.overlaps }
  return options.embeddings ? dropSimilar(curation, tests, { ...options, ...options.embeddings }) : curation
}

/** A row under way, with what was found about it so far. */
const optionKeys: OptionKeys<CurationOptions> = {
  readAnswer: true,
  isSameAnswer: true,
  nearThreshold: true,
  promptTokens: true,
  embeddings: true,
  signal: true,
  onProgress: true,
}

interface Judged {
  candidate: Candidate
  answerKind?: string | undefined
  numPromptTokens?: number | undefined
  drop?: Drop | undefined
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

  /** In their order. */
  async judge(rows: readonly SourcedRow[]): Promise<(KeptRow | DroppedRow)[]> {
    const judged = rows.map((row) => this.#judgeAlone(candidateOf(row)))
    await this.#countTokens(judged.filter(({ drop }) => drop === undefined))
    for (const one of judged) one.drop ??= this.#duplicates.judge(one.candidate)
    return judged.map(resultOf)
  }

  /** What a row says without the others. */
  #judgeAlone(candidate: Candidate): Judged {
    const answer = this.#answers.judge(candidate)
    const overlap = this.#tests.judge(candidate) // of every row, so that the report on the tests is whole
    if ('reason' in answer) return { candidate, drop: answer }
    return { candidate, answerKind: answer.answerKind, drop: overlap }
  }

  async #countTokens(judged: readonly Judged[]): Promise<void> {
    const { promptTokens } = this.#options
    if (!promptTokens || judged.length === 0) return
    const counts = await promptTokens.count(judged.map(({ candidate }) => candidate.row))
    for (const [i, one] of judged.entries()) {
      const count = counts[i] as number
      one.numPromptTokens = count
      const why = `a prompt of ${count} tokens, more than ${promptTokens.max}`
      if (count > promptTokens.max) one.drop = { reason: 'overlong', why }
    }
  }
}

function resultOf({ candidate, answerKind, numPromptTokens, drop }: Judged): KeptRow | DroppedRow {
  const { answers, words, key: _, shingles: __, ...sourced } = candidate
  if (drop) return { ...sourced, ...drop }
  return { ...sourced, answers, answerKind: answerKind as string, numWords: words.length, numPromptTokens }
}
