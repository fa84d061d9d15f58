import { checkOptions, type OptionKeys } from '../arguments.js'
import { zeros } from '../create.js'
import type { DropoutCall } from '../ops/dropout.js'
import { linear } from '../ops/linear.js'
import type { Tensor } from '../tensor.js'
import { defaultInit, type Init, vectorOptions } from './init.js'
import type { LoraAdapter } from './lora.js'
import { Module } from './module.js'
import { requireSizes } from './sizes.js'

/** Size and first values of a Linear. */
export interface LinearOptions {
  /** Length of an input row. */
  in: number
  /** Length of an output row. */
  out: number
  /** Whether a bias is added. Default true. */
  hasBias?: boolean
  /**
   * Makes the first values; unless given, normal ones of seed 0, from one sequence for all modules of the process. The
   * deviation asked of it is 1/√in; a bias begins at 0.
   */
  init?: Init
}

/**
 * A projection: x `[..., in]` → x · weightᵀ + bias `[..., out]`, and what the adapter adds where there is one.
 *
 * @example
 * ```ts
 * import { nn, tensor } from 'lengthen'
 *
 * using layer = new nn.Linear({ in: 3, out: 2, init: nn.normalInit(1) })
 * const y = layer.forward(tensor([[1, 2, 3]])) // [1, 2]
 * ```
 */
export class Linear extends Module {
  /** f32 or bf16 `[out, in]`. */
  readonly weight: Tensor
  /** f32 [out], or null; one in bf16 can be saved, but not run. */
  readonly bias: Tensor | null
  /** The adapter beside the weight: applyLora() sets it. */
  lora: LoraAdapter | null = null

  constructor(options: LinearOptions) {
    super()
    checkOptions('Linear', options, optionKeys)
    const { in: width, out, hasBias = true, init = defaultInit } = options
    requireSizes('Linear', { in: width, out })
    this.weight = init([out, width], 1 / Math.sqrt(width))
    this.bias = hasBias ? zeros([out], vectorOptions(init, this.weight)) : null
  }

  /**
   * x f32 `[..., in]` → `[..., out]`. `call` says which elements of x the adapter drops; none where it is left out.
   *
   * @throws {@link ArgumentError} for an x of another width
   */
  forward(x: Tensor, call?: DropoutCall): Tensor {
    const y = linear(x, this.weight, this.bias)
    return this.lora ? this.lora.addTo(y, x, call) : y
  }
}

const optionKeys: OptionKeys<LinearOptions> = { in: true, out: true, hasBias: true, init: true }
