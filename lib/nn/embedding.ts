import { checkOptions, type OptionKeys } from '../arguments.js'
import { embedding } from '../ops/embedding.js'
import type { Tensor } from '../tensor.js'
import { defaultInit, type Init } from './init.js'
import { Module } from './module.js'
import { requireSizes } from './sizes.js'

/** Size and first values of an Embedding. */
export interface EmbeddingOptions {
  /** V, rows of the table. */
  vocabularySize: number
  /** C, length of a row. */
  width: number
  /**
   * Makes the first values; unless given, normal ones of seed 0, from one sequence for all modules of the process. The
   * deviation asked of it is 0.02.
   */
  init?: Init
}

/** A table with a row for each token: tokens i32 [T] → `[T, C]`. */
export class Embedding extends Module {
  /** f32 or bf16 `[V, C]`. */
  readonly weight: Tensor

  constructor(options: EmbeddingOptions) {
    super()
    checkOptions('Embedding', options, optionKeys)
    const { vocabularySize, width, init = defaultInit } = options
    requireSizes('Embedding', { vocabularySize, width })
    this.weight = init([vocabularySize, width], 0.02)
  }

  /** y[t] = weight[tokens[t]], tokens i32 [T] → f32 `[T, C]`. A token outside [0, V) fails the op when it runs. */
  forward(tokens: Tensor): Tensor {
    return embedding(this.weight, tokens)
  }
}

const optionKeys: OptionKeys<EmbeddingOptions> = { vocabularySize: true, width: true, init: true }
