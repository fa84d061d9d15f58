// The decoder of every family: embedding, layers of attention and feed-forward, final norm.

import { checkOptions, type OptionKeys, requireObjects } from '../arguments.js'
import { checkpoint, noGrad } from '../autograd.js'
import { ArgumentError } from '../errors.js'
import { Embedding } from '../nn/embedding.js'
import { defaultInit, type Init, vectorOptions } from '../nn/init.js'
import { Mlp } from '../nn/mlp.js'
import { Module } from '../nn/module.js'
import { RmsNorm } from '../nn/rms-norm.js'
import { type AttentionContext, SelfAttention } from '../nn/self-attention.js'
import { add } from '../ops/binary.js'
import type { DropoutCall } from '../ops/dropout.js'
import type { RopeTables } from '../ops/rope.js'
import { scope, withoutScope } from '../scope.js'
import type { Tensor } from '../tensor.js'
import {
  type AttentionStrategy,
  type DecodePlaces,
  decodeAttention,
  packedAttention,
  prefillAttention,
} from './attention-strategy.js'
import { configJson, type DecoderConfig } from './decoder-config.js'
import { familyOf } from './families/index.js'
import type { KvCache } from './kv-cache.js'
import type { LoraConfig } from './lora/config.js'
import type { Batch } from './pack.js'
import { ropeTables } from './rope-tables.js'

/** What a forward pass does beside its result. */
export interface ForwardOptions {
  /** Writes keys and values there as well; with `slots`, and not with `useRecompute`. */
  cache?: KvCache
  /** i32 [T], with a cache: where each token's key and value go (block · S + offset); −1 for nowhere. */
  slots?: Tensor
  /** Keeps only the layers' inputs for backward and computes the rest again there: see checkpoint(). Default false. */
  useRecompute?: boolean
  /** Which elements the adapters drop, where they have dropout; none where it is left out. */
  dropout?: DropoutCall | undefined
}

/** One new token for each of B sequences, whose keys and values so far the cache holds. */
export interface DecodeBatch extends DecodePlaces {
  /** i32 [B]. */
  tokens: Tensor
  /** i32 [B]: each token's place in its sequence, from 0. */
  positions: Tensor
}

/**
 * A transformer decoder of the families {@link FamilyName} names: embedding, layers of attention and feed-forward around a
 * residual stream, final norm. It gives hidden states; `ops.tokenLogprob` and `ops.sampleToken` take them to the vocabulary
 * with `head`, without logits in memory.
 */
export class Decoder extends Module {
  /** `[V, C]`. */
  readonly embedding: Embedding
  /** numLayers of them, in order. */
  readonly layers: readonly DecoderLayer[]
  /** Before the head. */
  readonly norm: RmsNorm
  /** The final projection `[V, C]`; the embedding's own table where they are tied. */
  readonly head: Tensor
  /** config.json as it was read, for saving. */
  readonly json: Readonly<Record<string, unknown>>
  /** Of the adapters that applyLora() has put on; null: every weight is the model's own. */
  lora: LoraConfig | null = null
  readonly #tables: RopeTables

  constructor(
    /** Its shape. */
    readonly config: DecoderConfig,
    options: { init?: Init; json?: Record<string, unknown> } = {},
  ) {
    super()
    requireObjects('decoder', { config })
    checkOptions('decoder', options, partKeys)
    const { init = defaultInit, json = configJson(config) } = options
    this.json = json
    const { vocabularySize, width, numLayers, normEpsilon: epsilon } = config
    this.embedding = new Embedding({ vocabularySize, width, init })
    const { dtype, device } = vectorOptions(init, this.embedding.weight)
    this.layers = Array.from({ length: numLayers }, () => new DecoderLayer(config, init))
    this.norm = new RmsNorm({ width, epsilon, dtype, device })
    this.head = config.isHeadTied ? this.embedding.weight : init([vocabularySize, width], 1 / Math.sqrt(width))
    this.#tables = withoutScope(() => ropeTables(config, this.embedding.weight.device))
    this.namedParameters() // gives each its name
  }

  /**
   * Packed sequences → hidden states after the final norm, f32 `[T, C]`, recorded for backward where a weight requires a
   * gradient. Each sequence attends to itself alone, and a row's bits do not depend on the others in the batch.
   *
   * @throws {@link ArgumentError} for a sequence longer than maxPositions, cache without slots, useRecompute with a cache, or an option
   * of another name
   */
  forward(batch: Batch, options: ForwardOptions = {}): Tensor {
    requireObjects('decoder', { batch })
    checkOptions('decoder', options, forwardKeys)
    const { cache, slots, useRecompute = false, dropout } = options
    const { maxPositions } = this.config
    if (batch.maxSequenceLength > maxPositions)
      throw new ArgumentError(
        `[decoder] expected sequences of at most ${maxPositions} tokens, got ${batch.maxSequenceLength}`,
      )
    if ((cache === undefined) !== (slots === undefined))
      throw new ArgumentError('[decoder] expected cache and slots together, got one of them')
    const { cuSeqlens } = batch
    if (useRecompute && cache) throw new ArgumentError('[decoder] expected no cache with useRecompute, got one')
    if (useRecompute) return this.#run(batch.tokens, this.#recomputed(batch, dropout))
    const strategy = cache && slots ? prefillAttention(cuSeqlens, { cache, slots }) : packedAttention(cuSeqlens)
    return this.#run(batch.tokens, this.#plain(batch.positions, strategy, dropout))
  }

  /**
   * One token of each sequence against the cache, into which its key and value go → f32 `[B, C]`, the bits of forward() at that
   * position. Nothing is recorded for backward.
   */
  decode(batch: DecodeBatch, cache: KvCache): Tensor {
    return noGrad(() => this.#run(batch.tokens, this.#plain(batch.positions, decodeAttention(cache, batch))))
  }

  /** Frees the parameters and the rotary tables. */
  override dispose(): void {
    super.dispose()
    this.#tables.cos.dispose()
    this.#tables.sin.dispose()
  }

  #plain(positions: Tensor, strategy: AttentionStrategy, dropout?: DropoutCall): RunLayer {
    return (layer, i, x) => layer.forward(x, { positions, tables: this.#tables, attend: strategy(i), dropout })
  }

  // The batch's tensors go in as inputs: backward may come when the scope that made them is over.
  #recomputed({ positions, cuSeqlens }: Batch, dropout?: DropoutCall): RunLayer {
    return (layer, i, x) => {
      const run = (x: Tensor, positions: Tensor, cuSeqlens: Tensor) =>
        this.#plain(positions, packedAttention(cuSeqlens), dropout)(layer, i, x)
      return checkpoint(run, x, positions, cuSeqlens)
    }
  }

  #run(tokens: Tensor, runLayer: RunLayer): Tensor {
    let hidden = this.embedding.forward(tokens)
    // What backward needs is on the tape; everything else goes as soon as the layer is done.
    const replaceBy = (next: Tensor) => {
      hidden.dispose()
      hidden = next
    }
    this.layers.forEach((layer, i) => {
      replaceBy(scope(() => runLayer(layer, i, hidden)))
    })
    replaceBy(this.norm.forward(hidden))
    return hidden
  }
}

const partKeys: OptionKeys<{ init?: Init; json?: Record<string, unknown> }> = { init: true, json: true }

const forwardKeys: OptionKeys<ForwardOptions> = { cache: true, slots: true, useRecompute: true, dropout: true }

type RunLayer = (layer: DecoderLayer, index: number, x: Tensor) => Tensor

/** h = x + attention(norm(x)); h + mlp(norm(h)). */
export class DecoderLayer extends Module {
  /** Before attention. */
  readonly attentionNorm: RmsNorm
  /** Adds to the residual stream first. */
  readonly attention: SelfAttention
  /** Before the feed-forward block. */
  readonly mlpNorm: RmsNorm
  /** Adds to the residual stream last. */
  readonly mlp: Mlp

  constructor(config: DecoderConfig, init: Init) {
    super()
    const { width, feedForwardWidth, numHeads, numKvHeads, headSize, normEpsilon: epsilon } = config
    const { hasQkvBias: hasBias, hasQkNorms } = familyOf(config)
    const heads = { numHeads, numKvHeads, headSize }
    this.attention = new SelfAttention({ width, ...heads, hasBias, hasQkNorms, normEpsilon: epsilon, init })
    this.mlp = new Mlp({ width, feedForwardWidth, init })
    const { dtype, device } = vectorOptions(init, this.mlp.down.weight)
    this.attentionNorm = new RmsNorm({ width, epsilon, dtype, device })
    this.mlpNorm = new RmsNorm({ width, epsilon, dtype, device })
  }

  /**
   * x f32 `[T, C]` → `[T, C]`.
   * @param context What all layers of one call share: positions, rotary tables, who attends to whom, dropout.
   */
  forward(x: Tensor, context: AttentionContext): Tensor {
    const h = add(x, this.attention.forward(this.attentionNorm.forward(x), context))
    return add(h, this.mlp.forward(this.mlpNorm.forward(h), context.dropout))
  }
}
