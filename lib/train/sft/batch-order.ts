// Which examples a step learns from: every epoch each once, in an order drawn from the seed. Pure: the step alone says it, so that
// a resumed run goes on with the examples it would have had.
import { epochOrder } from '../../data/order.js'
import { ArgumentError } from '../../errors.js'

/** What an update learns from: a number of examples, or a budget of tokens. */
export type BatchSize =
  | {
      /** So many examples; the last batch of an epoch may have fewer. */
      readonly examples: number
    }
  | {
      /** As many examples, in the epoch's order, as take so many input tokens together, but at least one. */
      readonly tokens: number
    }

export interface BatchOrderOptions {
  seed: number
  epochs: number
  batch: BatchSize
}

export interface BatchPlace {
  /** From 0. */
  epoch: number
  /** Of the examples. */
  indices: number[]
}

export class BatchOrder {
  /** Of each epoch, its first step; behind the last epoch the number of all. */
  readonly #starts: number[] = [0]
  #current: { epoch: number; batches: number[][] } | undefined

  /** `lengths` are the examples' input tokens. The last batch of an epoch may be smaller: no example is seen twice before all are once. */
  constructor(
    private readonly lengths: readonly number[],
    private readonly options: BatchOrderOptions,
  ) {
    requireSizes(lengths.length, options)
    for (let epoch = 0; epoch < options.epochs; epoch++)
      this.#starts.push((this.#starts[epoch] as number) + this.#numBatches(epoch))
  }

  get numSteps(): number {
    return this.#starts.at(-1) as number
  }

  /** Of a step, counted from 0. */
  at(step: number): BatchPlace {
    const epoch = this.#starts.findLastIndex((start) => start <= step)
    if (!(step >= 0 && step < this.numSteps))
      throw new ArgumentError(`[sft] expected a step below ${this.numSteps}, got ${step}`)
    const indices = this.#batchesOf(epoch)[step - (this.#starts[epoch] as number)] as number[]
    return { epoch, indices }
  }

  #numBatches(epoch: number): number {
    const { batch } = this.options
    return 'examples' in batch ? Math.ceil(this.lengths.length / batch.examples) : this.#batchesOf(epoch).length
  }

  #batchesOf(epoch: number): number[][] {
    if (this.#current?.epoch !== epoch) {
      const order = epochOrder(this.lengths.length, { seed: this.options.seed, epoch })
      this.#current = { epoch, batches: cut(order, this.lengths, this.options.batch) }
    }
    return this.#current.batches
  }
}

function cut(order: readonly number[], lengths: readonly number[], batch: BatchSize): number[][] {
  const batches: number[][] = []
  let numTokens = 0
  for (const index of order) {
    const length = lengths[index] as number
    const last = batches.at(-1)
    const fits = last && ('examples' in batch ? last.length < batch.examples : numTokens + length <= batch.tokens)
    if (fits) last.push(index)
    else batches.push([index])
    numTokens = fits ? numTokens + length : length
  }
  return batches
}

function requireSizes(numExamples: number, { epochs, batch }: BatchOrderOptions): void {
  if (numExamples < 1) throw new ArgumentError('[sft] expected at least one example, got none')
  for (const [name, value] of Object.entries({ epochs, ...batch }))
    if (!(Number.isSafeInteger(value) && value >= 1))
      throw new ArgumentError(`[sft] expected a whole number of at least 1 for ${name}, got ${value}`)
}
