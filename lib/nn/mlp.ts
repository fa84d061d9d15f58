import type { DropoutCall } from '../ops/dropout.js'
import { swiglu } from '../ops/swiglu.js'
import type { Tensor } from '../tensor.js'
import type { Init } from './init.js'
import { Linear } from './linear.js'
import { Module } from './module.js'

export interface MlpOptions {
  width: number
  feedForwardWidth: number
  init?: Init
}

/** x [..., C] → down(silu(gate(x)) · up(x)) [..., C] */
export class Mlp extends Module {
  readonly gate: Linear
  readonly up: Linear
  readonly down: Linear

  constructor({ width, feedForwardWidth, ...rest }: MlpOptions) {
    super()
    this.gate = new Linear({ in: width, out: feedForwardWidth, hasBias: false, ...rest })
    this.up = new Linear({ in: width, out: feedForwardWidth, hasBias: false, ...rest })
    this.down = new Linear({ in: feedForwardWidth, out: width, hasBias: false, ...rest })
  }

  /** `call` is for the adapters of its projections. */
  forward(x: Tensor, call?: DropoutCall): Tensor {
    return this.down.forward(swiglu(this.gate.forward(x, call), this.up.forward(x, call)), call)
  }
}
