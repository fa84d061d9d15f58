import { embedding } from '../ops/embedding.js'
import type { Tensor } from '../tensor.js'
import { defaultInit, type Init } from './init.js'
import { Module } from './module.js'

export interface EmbeddingOptions {
  vocabularySize: number
  width: number
  init?: Init
}

/** tokens i32 [T] → their rows [T, C] */
export class Embedding extends Module {
  /** [V, C] */
  readonly weight: Tensor

  constructor({ vocabularySize, width, init = defaultInit }: EmbeddingOptions) {
    super()
    this.weight = init([vocabularySize, width], 0.02)
  }

  forward(tokens: Tensor): Tensor {
    return embedding(this.weight, tokens)
  }
}
