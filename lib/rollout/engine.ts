// The rollout engine: prompts in, groups of answers out, by continuous batching over the model that is being trained.

import {
  checkOptions,
  type OptionKeys,
  requireArrays,
  requireFunctions,
  requireInstances,
  requireNumbers,
  requireObjects,
} from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { Decoder } from '../models/decoder.js'
import { KvCache } from '../models/kv-cache.js'
import { turnOfEventLoop } from '../turn.js'
import { engineDefaults, wantedBlocks } from './cache-size.js'
import { type RolloutLoad, rehearseRollout } from './rehearsal.js'
import {
  type GenerateOptions,
  generateKeys,
  makeRequest,
  type Prompt,
  type Request,
  type TextCodec,
} from './request.js'
import { numBlocksAtMost, Scheduler } from './scheduler.js'
import { type FinishReason, isFinished, type Sequence } from './sequence.js'
import { StepRunner } from './step-runner.js'

/** How much memory and how large a batch sampling may take. */
export interface RolloutEngineOptions {
  /** For keys and values; the least that is needed is taken, and all of it given back by release(). Default 2³⁰. */
  cacheBytes?: number
  /** Tokens in a cache block, a multiple of 16. Default 16. */
  blockSize?: number
  /** Sequences decoded together. Default 512. */
  maxBatch?: number
}

/** One answer as it was sampled. */
export interface Answer {
  /** Ids, the stop token included. */
  tokens: number[]
  /** The tokens decoded, special ones included; those beyond the tokenizer's vocabulary have no text. */
  text: string
  /** Of each token, in nats, under the full distribution after temperature: the bits that training computes. */
  rolloutLogprobs: Float32Array
  /** Why it ended. */
  finishReason: FinishReason
}

/** The answers to one prompt. */
export interface Group<P extends Prompt = Prompt> {
  /** As it was given. */
  prompt: P
  /** Its ids. */
  promptTokens: Int32Array
  /** numAnswers of them. */
  answers: Answer[]
}

/** What one call of generate did. */
export interface RolloutCounts {
  /** Forward passes over prompts, or over preempted sequences anew. */
  numPrefills: number
  /** Passes of one token a sequence. */
  numDecodeSteps: number
  /** Times a sequence gave its cache blocks to an older one, to be computed again later. */
  numPreemptions: number
}

const maxPrefillTokens = 4096

/**
 * Samples groups of answers from the model that is being trained, by continuous batching over a paged cache (Orca, Yu et al.,
 * 2022; vLLM, Kwon et al., 2023). An answer depends on weights, prompt, seed, its stream and the sampling options alone, not on
 * what runs beside it, nor on cacheBytes or maxBatch.
 *
 * @example
 * ```ts
 * import { loadModel, RolloutEngine } from 'lengthen'
 *
 * const { model, tokenizer } = await loadModel('models/qwen2.5-0.5b')
 * const engine = new RolloutEngine(model, tokenizer)
 * for await (const { answers } of engine.generate(['2 + 3 ='], { numAnswers: 4, maxResponseTokens: 16 }))
 *   for (const { text, finishReason } of answers) console.log(text, finishReason)
 * ```
 */
export class RolloutEngine {
  /** Of the latest call, once it has ended. */
  counts: RolloutCounts = { numPrefills: 0, numDecodeSteps: 0, numPreemptions: 0 }
  readonly #model: Decoder
  readonly #tokenizer: TextCodec
  readonly #options: Required<RolloutEngineOptions>
  #cache: KvCache | undefined
  #isGenerating = false

  /**
   * @throws {@link ArgumentError} for no Decoder, no tokenizer, or an option that is unknown or out of range
   */
  constructor(model: Decoder, tokenizer: TextCodec, options: RolloutEngineOptions = {}) {
    requireInstances('rollout', Decoder, { model })
    requireTokenizer(tokenizer)
    checkOptions('rollout', options, optionKeys)
    const { cacheBytes = engineDefaults.cacheBytes } = options
    requireNumbers('rollout', { cacheBytes })
    const { blockSize = engineDefaults.blockSize, maxBatch = engineDefaults.maxBatch } = options
    if (!Number.isInteger(maxBatch) || maxBatch < 1)
      throw new ArgumentError(`[rollout] expected a whole number of at least 1 for maxBatch, got ${maxBatch}`)
    if (!Number.isInteger(blockSize) || blockSize < 16 || blockSize % 16 !== 0)
      throw new ArgumentError(`[rollout] expected a multiple of 16 for blockSize, got ${blockSize}`)
    this.#model = model
    this.#tokenizer = tokenizer
    this.#options = { cacheBytes, blockSize, maxBatch }
  }

  /**
   * Groups in the order of the prompts, each as soon as it and those before are finished. Decoding goes on while the next group
   * is asked for. The weights must not change until the iterator ends. Nothing is recorded for backward.
   *
   * @throws {@link ArgumentError} while an earlier call has not ended, for an option that is unknown or out of range, a prompt that is empty, too long,
   * or outside the vocabulary, or a cache too small for the longest prompt and its answer
   */
  async *generate<P extends Prompt>(prompts: readonly P[], options: GenerateOptions): AsyncGenerator<Group<P>, void> {
    if (this.#isGenerating) throw new ArgumentError('[generate] expected one call at a time: the latest has not ended')
    requireArrays('generate', { prompts })
    checkOptions('generate', options, generateKeys)
    options.signal?.throwIfAborted()
    const request = makeRequest(prompts, options, { tokenizer: this.#tokenizer, limits: this.#model.config })
    if (prompts.length === 0) return
    this.#isGenerating = true
    let hasSucceeded = false
    try {
      yield* this.#groups(prompts, request, options.signal)
      hasSucceeded = true
    } finally {
      this.#isGenerating = false
      // A failed op leaves the cache without values.
      if (!hasSucceeded) this.release()
    }
  }

  /** What a prompt and its answer have to fit into, in tokens. */
  get maxPositions(): number {
    return this.#model.config.maxPositions
  }

  /** Gives the cache back to the allocator, for training; the next call takes what it needs. */
  release(): void {
    this.#cache?.dispose()
    this.#cache = undefined
  }

  /** @internal Takes at once what a call with this load takes at its worst, and gives it back: to see whether it fits. */
  async rehearse(load: RolloutLoad): Promise<void> {
    if (this.#isGenerating) throw new ArgumentError('[rehearse] expected no call under way, got one that has not ended')
    const { blockSize, maxBatch } = this.#options
    const maxBlocks = numBlocksAtMost(load.numPromptTokens, load.maxResponseTokens, blockSize)
    this.release()
    const cache = this.#takeCache(maxBlocks, load.numPrompts * load.numAnswers)
    const limits = { numBlocks: cache.numBlocks, blockSize, maxBatch, maxPrefillTokens }
    try {
      await rehearseRollout(this.#model, { cache, limits, maxBlocks }, load)
    } finally {
      this.release()
    }
  }

  async *#groups<P extends Prompt>(
    prompts: readonly P[],
    request: Request,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Group<P>, void> {
    const { sequences, numAnswers, rule } = request
    const maxBlocks = this.#maxBlocks(request)
    const cache = this.#takeCache(maxBlocks, sequences.length)
    const limits = { numBlocks: cache.numBlocks, blockSize: cache.blockSize, maxBatch: this.#options.maxBatch }
    const scheduler = new Scheduler(sequences, { ...limits, maxPrefillTokens }, rule.maxResponseTokens)
    const runner = new StepRunner(this.#model, cache, { request, maxBlocks })
    let numDone = 0
    try {
      for (let step = scheduler.next(); step.kind !== 'done'; step = scheduler.next()) {
        signal?.throwIfAborted()
        await runner.run(step, scheduler)
        for (; numDone < prompts.length; numDone++) {
          const group = sequences.slice(numDone * numAnswers, (numDone + 1) * numAnswers)
          if (!group.every(isFinished)) break
          yield this.#groupOf(prompts[numDone] as P, group)
          await turnOfEventLoop()
        }
      }
    } finally {
      const { numPrefills, numDecodeSteps } = runner
      this.counts = { numPrefills, numDecodeSteps, numPreemptions: scheduler.numPreemptions }
      runner.dispose()
    }
  }

  #maxBlocks({ sequences, rule }: Request): number {
    const longest = sequences.reduce((most, { prompt }) => Math.max(most, prompt.tokens.length), 0)
    return numBlocksAtMost(longest, rule.maxResponseTokens, this.#options.blockSize)
  }

  /** What all sequences need at their longest and the scheduler's reserve, or what cacheBytes allows. */
  #takeCache(maxBlocks: number, numSequences: number): KvCache {
    const { cacheBytes, blockSize, maxBatch } = this.#options
    const { config, head } = this.#model
    const wanted = wantedBlocks({ numSequences, maxBatch, blocksOfOne: maxBlocks })
    const affordable = Math.floor(cacheBytes / KvCache.bytesPerBlock(config, blockSize))
    const numBlocks = Math.min(wanted, affordable)
    if (this.#cache && this.#cache.numBlocks >= numBlocks) return this.#cache
    this.release()
    this.#cache = new KvCache(config, { numBlocks, blockSize, device: head.device })
    return this.#cache
  }

  #groupOf<P extends Prompt>(prompt: P, sequences: readonly Sequence[]): Group<P> {
    const promptTokens = (sequences[0] as Sequence).prompt.tokens
    return { prompt, promptTokens, answers: sequences.map((sequence) => this.#answerOf(sequence)) }
  }

  #answerOf({ answer, logprobs, finishReason }: Sequence): Answer {
    const { vocabSize } = this.#tokenizer
    // A model's vocabulary may be padded beyond the tokenizer's; such a token has no text.
    const text = this.#tokenizer.decode(answer.filter((token) => token < vocabSize))
    return {
      tokens: answer,
      text,
      rolloutLogprobs: Float32Array.from(logprobs),
      finishReason: finishReason as FinishReason,
    }
  }
}

const optionKeys: OptionKeys<RolloutEngineOptions> = { cacheBytes: true, blockSize: true, maxBatch: true }

function requireTokenizer(tokenizer: TextCodec): void {
  requireObjects('rollout', { tokenizer })
  const { encode, decode } = tokenizer
  requireFunctions('rollout', { 'tokenizer.encode': encode, 'tokenizer.decode': decode })
}
