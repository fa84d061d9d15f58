// Continuous batching: which sequences run next. Sequences are admitted in order while cache blocks are free; one that
// cannot grow takes the blocks of the youngest, which is recomputed later. The oldest is never preempted, so all finish.
import { ArgumentError } from '../errors.js'
import { BlockTable } from './block-table.js'
import { isFinished, numTokens, type Sequence } from './sequence.js'

export interface SchedulerLimits {
  readonly numBlocks: number
  readonly blockSize: number
  /** Sequences decoded together. */
  readonly maxBatch: number
  /** Tokens of one prefill; a longer sequence goes alone. */
  readonly maxPrefillTokens: number
}

/** Tokens to run through the model at once, and the sequences that draw their next token from the last row. */
export interface PrefillEntry {
  /** The first one's blocks are written. Several: answers of one prompt that have no token yet. */
  readonly sequences: Sequence[]
  /** Leading tokens that the cache holds already. */
  readonly numCached: number
}

export interface BlockCopy {
  readonly from: number
  readonly to: number
}

export type Step =
  | { readonly kind: 'prefill'; readonly entries: readonly PrefillEntry[]; readonly copies: readonly BlockCopy[] }
  | { readonly kind: 'decode'; readonly sequences: readonly Sequence[] }
  | { readonly kind: 'done' }

/** Blocks that a sequence needs at its longest. The last token's key and value are never read. */
export function numBlocksAtMost(numPromptTokens: number, maxResponseTokens: number, blockSize: number): number {
  return Math.ceil((numPromptTokens + maxResponseTokens - 1) / blockSize)
}

export class Scheduler {
  readonly blocks: BlockTable
  readonly #limits: SchedulerLimits
  /** Both in queue order, and every running sequence comes before every waiting one. */
  readonly #waiting: Sequence[]
  #running: Sequence[] = []
  #tablesVersion = 0
  #numPreemptions = 0

  constructor(sequences: readonly Sequence[], limits: SchedulerLimits, maxResponseTokens: number) {
    for (const { prompt } of sequences) requireFits(prompt, limits, maxResponseTokens)
    this.#limits = limits
    this.#waiting = [...sequences]
    this.blocks = new BlockTable(limits)
  }

  get running(): readonly Sequence[] {
    return this.#running
  }

  get waiting(): readonly Sequence[] {
    return this.#waiting
  }

  /** Changes when the running sequences or their blocks do. */
  get tablesVersion(): number {
    return this.#tablesVersion
  }

  get numPreemptions(): number {
    return this.#numPreemptions
  }

  /** The next work to do; finished sequences leave and give their blocks back. */
  next(): Step {
    this.#removeFinished()
    const admitted = this.#admit()
    if (admitted.entries.length > 0) return { kind: 'prefill', ...admitted }
    if (this.#running.length === 0) return { kind: 'done' }
    this.#growAll()
    return { kind: 'decode', sequences: this.#running }
  }

  #removeFinished(): void {
    if (!this.#running.some(isFinished)) return
    for (const sequence of this.#running) if (isFinished(sequence)) this.blocks.release(sequence)
    this.#running = this.#running.filter((sequence) => !isFinished(sequence))
    this.#tablesVersion += 1
  }

  #admit(): { entries: PrefillEntry[]; copies: BlockCopy[] } {
    const entries: PrefillEntry[] = []
    const copies: BlockCopy[] = []
    let numPrefillTokens = 0
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      numPrefillTokens += numTokens(first)
      if (entries.length > 0 && numPrefillTokens > this.#limits.maxPrefillTokens) break
      const count = this.#numToAdmit(first)
      if (count === 0) break
      entries.push(this.#admitTogether(this.#waiting.splice(0, count), copies))
    }
    if (entries.length > 0) this.#tablesVersion += 1
    return { entries, copies }
  }

  /** All fresh answers of the prompt together, so that it is computed once; a part of them only when nothing runs. */
  #numToAdmit(first: Sequence): number {
    const count = this.#numAlike(first)
    if (this.#hasRoom(first, count)) return count
    if (this.#running.length > 0) return 0
    let fitting = Math.min(count, this.#limits.maxBatch)
    while (fitting > 1 && this.blocks.numBlocksToAdmit(first, fitting) > this.blocks.numFree) fitting -= 1
    return fitting
  }

  #numAlike(first: Sequence): number {
    if (first.answer.length > 0) return 1
    const end = this.#waiting.findIndex((other) => other.prompt !== first.prompt || other.answer.length > 0)
    return end === -1 ? this.#waiting.length : end
  }

  /** Room for the answers and for one more block each for all that run then: without it they would be preempted at once. */
  #hasRoom(first: Sequence, count: number): boolean {
    const numRunning = this.#running.length + count
    if (numRunning > this.#limits.maxBatch) return false
    return this.blocks.numBlocksToAdmit(first, count) + numRunning <= this.blocks.numFree
  }

  #admitTogether(sequences: Sequence[], copies: BlockCopy[]): PrefillEntry {
    const leader = sequences[0] as Sequence
    const numCached = this.blocks.numSharedTokens(leader)
    const hasOwnBlock = leader.prompt.tokens.length % this.#limits.blockSize !== 0
    for (const sequence of sequences) {
      this.blocks.admit(sequence)
      if (sequence !== leader && hasOwnBlock) copies.push({ from: lastBlock(leader), to: lastBlock(sequence) })
      this.#running.push(sequence)
    }
    return { sequences, numCached }
  }

  /** Oldest first, so that what is preempted has not grown in vain. */
  #growAll(): void {
    for (let i = 0; i < this.#running.length; i++) {
      const sequence = this.#running[i] as Sequence
      if (!this.blocks.mustGrow(sequence)) continue
      while (this.blocks.numFree === 0 && this.#running.length > i) this.#preemptYoungest()
      if (this.#running.length === i) return
      this.blocks.grow(sequence)
      this.#tablesVersion += 1
    }
  }

  #preemptYoungest(): void {
    const youngest = this.#running.pop() as Sequence
    this.blocks.release(youngest)
    this.#waiting.unshift(youngest)
    this.#tablesVersion += 1
    this.#numPreemptions += 1
  }
}

function lastBlock(sequence: Sequence): number {
  return sequence.blocks[sequence.blocks.length - 1] as number
}

function requireFits(prompt: Sequence['prompt'], limits: SchedulerLimits, maxResponseTokens: number): void {
  const needed = numBlocksAtMost(prompt.tokens.length, maxResponseTokens, limits.blockSize)
  if (needed <= limits.numBlocks) return
  throw new ArgumentError(
    `[generate] expected a cache of at least ${needed} blocks of ${limits.blockSize} tokens for prompt ${prompt.index} ` +
      `(${prompt.tokens.length} tokens and ${maxResponseTokens} to come), got ${limits.numBlocks}: raise cacheBytes`,
  )
}
