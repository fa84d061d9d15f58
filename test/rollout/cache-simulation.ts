// A model made of arithmetic with a paged cache of strings: each slot holds what was written there, so that a wrong block,
// a missing copy or a stale value shows as a wrong prefix.
import type { BlockTable } from '../../lib/rollout/block-table.js'
import { Scheduler, type SchedulerLimits, type Step } from '../../lib/rollout/scheduler.js'
import {
  append,
  isFinished,
  makeSequence,
  numTokens,
  type Sequence,
  type StopRule,
  slotOf,
  tokenAt,
} from '../../lib/rollout/sequence.js'

export interface Job {
  promptLengths: readonly number[]
  numAnswers: number
  maxResponseTokens: number
  limits: SchedulerLimits
  /** Default: token 0. */
  stopTokens?: readonly number[]
}

export function makeSequences(job: Job): Sequence[] {
  return job.promptLengths.flatMap((length, index) => {
    const prompt = { index, tokens: Int32Array.from({ length }, (_, i) => 1000 * (index + 1) + i) }
    return Array.from({ length: job.numAnswers }, (_, answerIndex) => {
      const order = index * job.numAnswers + answerIndex
      return makeSequence(prompt, { answerIndex, order, sequenceId: order })
    })
  })
}

/** The token that follows a prefix; about one in eleven stops. */
export function nextToken(sequenceId: number, prefix: string): number {
  let hash = 7 + sequenceId
  for (let i = 0; i < prefix.length; i++) hash = (Math.imul(hash, 31) + prefix.charCodeAt(i)) | 0
  return Math.abs(hash) % 11
}

/** What a sequence answers when nothing is shared, batched or preempted. */
export function answerAlone(sequence: Sequence, job: Job): number[] {
  const stopTokens = stopTokensOf(job)
  const answer: number[] = []
  let prefix = [...sequence.prompt.tokens].join(' ')
  while (answer.length < job.maxResponseTokens && !stopTokens.has(answer.at(-1) ?? -1)) {
    const token = nextToken(sequence.sequenceId, prefix)
    answer.push(token)
    prefix = `${prefix} ${token}`
  }
  return answer
}

export class Simulation {
  readonly sequences: Sequence[]
  readonly scheduler: Scheduler
  readonly #job: Job
  readonly #cache = new Map<number, string>()
  readonly #rule: StopRule
  numSteps = 0

  constructor(job: Job, sequences = makeSequences(job)) {
    this.#job = job
    this.#rule = { stopTokens: stopTokensOf(job), maxResponseTokens: job.maxResponseTokens }
    this.sequences = sequences
    this.scheduler = new Scheduler(sequences, job.limits, job.maxResponseTokens)
  }

  /** Runs one step; false when all is done. */
  step(): boolean {
    const step = this.scheduler.next()
    this.numSteps += 1
    this.#checkBlocks()
    if (step.kind === 'prefill') this.#prefill(step)
    if (step.kind === 'decode') for (const sequence of step.sequences) this.#decode(sequence)
    return step.kind !== 'done'
  }

  runToEnd(): void {
    while (this.step()) if (this.numSteps > 100_000) throw new Error('no end in sight')
  }

  #prefill(step: Extract<Step, { kind: 'prefill' }>): void {
    const numPrefillTokens = step.entries.reduce((sum, { sequences }) => sum + numTokens(sequences[0] as Sequence), 0)
    if (step.entries.length > 1 && numPrefillTokens > this.#job.limits.maxPrefillTokens)
      throw new Error('prefill too big')
    for (const { sequences, numCached } of step.entries) {
      const leader = sequences[0] as Sequence
      for (let p = numCached; p < numTokens(leader); p++) this.#write(leader, p)
    }
    const { blockSize } = this.#job.limits
    for (const { from, to } of step.copies)
      for (let i = 0; i < blockSize; i++) this.#copy(from * blockSize + i, to * blockSize + i)
    for (const { sequences } of step.entries) for (const sequence of sequences) this.#sample(sequence)
  }

  #decode(sequence: Sequence): void {
    this.#write(sequence, numTokens(sequence) - 1)
    this.#sample(sequence)
  }

  #write(sequence: Sequence, position: number): void {
    this.#cache.set(slotOf(sequence, position, this.#job.limits.blockSize), prefixTo(sequence, position))
  }

  #copy(from: number, to: number): void {
    const value = this.#cache.get(from)
    if (value === undefined) this.#cache.delete(to)
    else this.#cache.set(to, value)
  }

  #sample(sequence: Sequence): void {
    for (let p = 0; p < numTokens(sequence); p++) {
      const held = this.#cache.get(slotOf(sequence, p, this.#job.limits.blockSize))
      if (held !== prefixTo(sequence, p))
        throw new Error(
          `sequence ${sequence.order} at ${p}: expected ${prefixTo(sequence, p)}, the cache holds ${held}`,
        )
    }
    const token = nextToken(sequence.sequenceId, prefixTo(sequence, numTokens(sequence) - 1))
    append(sequence, { token, logprob: -token }, this.#rule)
  }

  /** Every block has as many holders as it counts, and only full blocks of one prompt have several. */
  #checkBlocks(): void {
    const { blocks, running, waiting } = this.scheduler
    const holders = new Map<number, Sequence[]>()
    for (const sequence of running)
      for (const block of sequence.blocks) holders.set(block, [...(holders.get(block) ?? []), sequence])
    if (blocks.numFree !== blocks.numBlocks - holders.size) throw new Error('a block is leaked')
    for (const [block, sequences] of holders) this.#checkHolders(blocks, block, sequences)
    for (const sequence of waiting) if (sequence.blocks.length > 0) throw new Error('a waiting sequence holds blocks')
    if (running.length > this.#job.limits.maxBatch) throw new Error('too many sequences run')
    if (running.some(isFinished)) throw new Error('a finished sequence runs')
  }

  #checkHolders(blocks: BlockTable, block: number, sequences: Sequence[]): void {
    if (blocks.numHolders(block) !== sequences.length) throw new Error(`block ${block} counts its holders wrongly`)
    if (sequences.length === 1) return
    const first = sequences[0] as Sequence
    const place = first.blocks.indexOf(block)
    const isPromptBlock = (place + 1) * this.#job.limits.blockSize <= first.prompt.tokens.length
    const isSame = sequences.every((other) => other.prompt === first.prompt && other.blocks[place] === block)
    if (!isPromptBlock || !isSame) throw new Error(`block ${block} is shared wrongly`)
  }
}

const stopTokensOf = (job: Job): Set<number> => new Set(job.stopTokens ?? [0])

function prefixTo(sequence: Sequence, position: number): string {
  return Array.from({ length: position + 1 }, (_, p) => tokenAt(sequence, p)).join(' ')
}
