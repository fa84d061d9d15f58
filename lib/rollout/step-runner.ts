// Runs the scheduler's steps on the model and gives each sequence its token.
import type { Decoder } from '../models/decoder.js'
import type { KvCache } from '../models/kv-cache.js'
import { DecodePrograms } from './decode-programs.js'
import { prefill } from './prefill.js'
import type { Request } from './request.js'
import type { Scheduler, Step } from './scheduler.js'
import { append, type Sequence } from './sequence.js'

/** A token and its log-probability for each sequence of a step; rows beyond them mean nothing. */
export interface Sampled {
  readonly tokens: Int32Array
  readonly logprobs: Float32Array
}

export class StepRunner {
  numPrefills = 0
  numDecodeSteps = 0
  readonly #model: Decoder
  readonly #cache: KvCache
  readonly #request: Request
  readonly #programs: DecodePrograms

  constructor(model: Decoder, cache: KvCache, { request, maxBlocks }: { request: Request; maxBlocks: number }) {
    this.#model = model
    this.#cache = cache
    this.#request = request
    this.#programs = new DecodePrograms(model, cache, { maxBlocks, sampling: request.sampling })
  }

  async run(step: Step, scheduler: Scheduler): Promise<void> {
    if (step.kind === 'prefill') await this.#prefill(step)
    else if (step.kind === 'decode') await this.#decode(step.sequences, scheduler.tablesVersion)
  }

  async #prefill(step: Extract<Step, { kind: 'prefill' }>): Promise<void> {
    this.numPrefills += 1
    const sampled = await prefill(this.#model, this.#cache, step, this.#request.sampling)
    this.#append(
      step.entries.flatMap((entry) => entry.sequences),
      sampled,
    )
  }

  async #decode(sequences: readonly Sequence[], tablesVersion: number): Promise<void> {
    this.numDecodeSteps += 1
    const program = this.#programs.for(sequences.length)
    this.#append(sequences, await program.run(sequences, tablesVersion))
  }

  #append(sequences: readonly Sequence[], { tokens, logprobs }: Sampled): void {
    const { rule, onToken } = this.#request
    for (let i = 0; i < sequences.length; i++) {
      const sequence = sequences[i] as Sequence
      const token = tokens[i] as number
      append(sequence, { token, logprob: logprobs[i] as number }, rule)
      const { prompt, answerIndex, finishReason } = sequence
      onToken?.({ promptIndex: prompt.index, answerIndex, token, finishReason })
    }
  }

  dispose(): void {
    this.#programs.dispose()
  }
}
