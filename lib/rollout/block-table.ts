// Who holds which block of the paged cache. The answers of a prompt share its full blocks; the block in which prompt and
// answer meet is each answer's own, so no shared block is ever written twice with different contents.
import { numTokens, type Sequence } from './sequence.js'

export class BlockTable {
  readonly numBlocks: number
  readonly blockSize: number
  readonly #free: Int32Array // [numBlocks], a stack of which the first #numFree count
  readonly #numHolders: Int32Array // [numBlocks]
  #numFree: number
  /** Full blocks of the prompts that some running answer holds, by prompt index. */
  readonly #promptBlocks = new Map<number, number[]>()

  constructor(size: { numBlocks: number; blockSize: number }) {
    this.numBlocks = size.numBlocks
    this.blockSize = size.blockSize
    this.#numFree = size.numBlocks
    this.#numHolders = new Int32Array(size.numBlocks)
    this.#free = Int32Array.from({ length: size.numBlocks }, (_, i) => size.numBlocks - 1 - i)
  }

  get numFree(): number {
    return this.#numFree
  }

  numHolders(block: number): number {
    return this.#numHolders[block] ?? 0
  }

  /** Prompt tokens whose keys and values a running answer keeps in shared blocks. */
  numSharedTokens(sequence: Sequence): number {
    return (this.#promptBlocks.get(sequence.prompt.index)?.length ?? 0) * this.blockSize
  }

  /** Blocks that must be free to admit this many answers of the same prompt and length. */
  numBlocksToAdmit(sequence: Sequence, numSequences: number): number {
    const numFull = this.#numFullPromptBlocks(sequence)
    const numOwn = Math.ceil(numTokens(sequence) / this.blockSize) - numFull
    return (this.#promptBlocks.has(sequence.prompt.index) ? 0 : numFull) + numOwn * numSequences
  }

  /** Gives the sequence blocks for all of its tokens. */
  admit(sequence: Sequence): void {
    for (const block of this.#holdPromptBlocks(sequence)) sequence.blocks.push(block)
    while (sequence.blocks.length * this.blockSize < numTokens(sequence)) sequence.blocks.push(this.#take())
  }

  /** Whether the last token has no block yet. */
  mustGrow(sequence: Sequence): boolean {
    return sequence.blocks.length * this.blockSize < numTokens(sequence)
  }

  grow(sequence: Sequence): void {
    sequence.blocks.push(this.#take())
  }

  release(sequence: Sequence): void {
    for (const block of sequence.blocks) this.#drop(block)
    sequence.blocks.length = 0
    const shared = this.#promptBlocks.get(sequence.prompt.index)?.[0]
    if (shared !== undefined && this.numHolders(shared) === 0) this.#promptBlocks.delete(sequence.prompt.index)
  }

  #numFullPromptBlocks(sequence: Sequence): number {
    return Math.floor(sequence.prompt.tokens.length / this.blockSize)
  }

  #holdPromptBlocks(sequence: Sequence): readonly number[] {
    const { index } = sequence.prompt
    const held = this.#promptBlocks.get(index)
    if (held) {
      for (const block of held) this.#numHolders[block] = this.numHolders(block) + 1
      return held
    }
    const taken = Array.from({ length: this.#numFullPromptBlocks(sequence) }, () => this.#take())
    if (taken.length > 0) this.#promptBlocks.set(index, taken)
    return taken
  }

  #take(): number {
    const block = this.#free[this.#numFree - 1]
    if (this.#numFree === 0 || block === undefined) throw new Error('no cache block is free')
    this.#numFree -= 1
    this.#numHolders[block] = 1
    return block
  }

  #drop(block: number): void {
    const numHolders = this.numHolders(block) - 1
    if (numHolders < 0) throw new Error(`cache block ${block} is released twice`)
    this.#numHolders[block] = numHolders
    if (numHolders === 0) this.#free[this.#numFree++] = block
  }
}
