import { ArgumentError } from '../errors.js'
import { call, run } from '../native.js'
import { Tensor } from '../tensor.js'

/** A parameter, its gradient and its moments, all of one shape. */
export interface AdamwEntry {
  parameter: Tensor
  gradient: Tensor
  m: Tensor
  v: Tensor
}

export interface AdamwStepOptions {
  learningRate: number
  beta1: number
  beta2: number
  epsilon: number
  weightDecay: number
  /** Counted from 1. */
  step: number
  /** Scales gradients down to this norm; 0 does not clip. */
  maxGradNorm: number
}

/**
 * One AdamW step in place, for all entries in one pass. `gradNorm` [] is needed for clipping; where it is not finite nothing
 * is written, and a poisoned gradient leaves parameters and moments as they were.
 */
export function adamwStep(entries: readonly AdamwEntry[], gradNorm: Tensor | null, options: AdamwStepOptions): void {
  const natives = (field: keyof AdamwEntry) => entries.map((entry) => entry[field].native)
  const lists = [natives('parameter'), natives('gradient'), natives('m'), natives('v')] as const
  run('adamw_step', ...lists, gradNorm?.native ?? null, { ...options })
}

/** The square root of the sum of all squares, over all tensors → []. */
export function gradientNorm(gradients: readonly Tensor[]): Tensor {
  if (gradients.length === 0) throw new ArgumentError('[gradient_norm] expected at least one gradient, got none')
  return Tensor.wrap(
    call(
      'gradient_norm',
      gradients.map((gradient) => gradient.native),
    ),
  )
}
