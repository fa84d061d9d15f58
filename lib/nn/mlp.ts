import { checkOptions, type OptionKeys } from '../arguments.js'
import type { DropoutCall } from '../ops/dropout.js'
import { swiglu } from '../ops/swiglu.js'
import type { Tensor } from '../tensor.js'
import type { Init } from './init.js'
import { Linear } from './linear.js'
import { Module } from './module.js'
import { requireSizes } from './sizes.js'

/** Size and first values of an Mlp. */
export interface MlpOptions {
  /** C, of input and output. */
  width: number
  /** Between the projections. */
  feedForwardWidth: number
  /**
   * Makes the first values; unless given, normal ones of seed 0, from one sequence for all modules of the process. The
   * deviation asked of it is 1/√in of each projection.
   */
  init?: Init
}

/**
 * The gated feed-forward block, without biases: x `[..., C]` → down(silu(gate(x)) · up(x)) `[..., C]` (SwiGLU, Shazeer, 2020).
 */
export class Mlp extends Module {
  /** [feedForwardWidth, C]. */
  readonly gate: Linear
  /** [feedForwardWidth, C]. */
  readonly up: Linear
  /** [C, feedForwardWidth]. */
  readonly down: Linear

  constructor(options: MlpOptions) {
    super()
    checkOptions('Mlp', options, optionKeys)
    const { width, feedForwardWidth, ...rest } = options
    requireSizes('Mlp', { width, feedForwardWidth })
    this.gate = new Linear({ in: width, out: feedForwardWidth, hasBias: false, ...rest })
    this.up = new Linear({ in: width, out: feedForwardWidth, hasBias: false, ...rest })
    this.down = new Linear({ in: feedForwardWidth, out: width, hasBias: false, ...rest })
  }

  /** x f32 `[..., C]` → the same shape. `call` says what the adapters of its projections drop. */
  forward(x: Tensor, call?: DropoutCall): Tensor {
    return this.down.forward(swiglu(this.gate.forward(x, call), this.up.forward(x, call)), call)
  }
}

const optionKeys: OptionKeys<MlpOptions> = { width: true, feedForwardWidth: true, init: true }
