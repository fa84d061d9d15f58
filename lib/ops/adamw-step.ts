import { checkOptions, type OptionKeys, requireArrays, requireNumbers } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { call, run } from '../native.js'
import { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/** A parameter, its gradient and its moments: f32, all of one shape and on one device. */
export interface AdamwEntry {
  /** Written in place. */
  parameter: Tensor
  /** ∂loss/∂parameter, before clipping; only read. */
  gradient: Tensor
  /** First moment, the moving mean of gradients; written in place. Zeros before the first step. */
  m: Tensor
  /** Second moment, the moving mean of squared gradients; written in place. Zeros before the first step. */
  v: Tensor
}

/** The numbers of one step, λ being `weightDecay` and t `step`. None has a default. */
export interface AdamwStepOptions {
  /** At least 0. */
  learningRate: number
  /** Decay of the first moment, in [0, 1). */
  beta1: number
  /** Decay of the second moment, in [0, 1). */
  beta2: number
  /** Added to the root of the corrected second moment; above 0. */
  epsilon: number
  /** Decoupled: a step multiplies the parameter by 1 − learningRate · weightDecay, whatever its gradient. At least 0. */
  weightDecay: number
  /** This step's number, counted from 1: the moments' bias correction goes by it. */
  step: number
  /** Gradients are multiplied by min(1, maxGradNorm / (gradNorm + 1e-6)); 0 does not clip. */
  maxGradNorm: number
}

const optionKeys: OptionKeys<AdamwStepOptions> = {
  learningRate: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  weightDecay: true,
  step: true,
  maxGradNorm: true,
}

/** @internal Throws unless all numbers of a step are there and nothing else: the engine has defaults of its own. */
export function checkStep(op: string, options: AdamwStepOptions): void {
  checkOptions(op, options, optionKeys)
  const { learningRate, beta1, beta2, epsilon, weightDecay, step, maxGradNorm } = options
  requireNumbers(op, { learningRate, beta1, beta2, epsilon, weightDecay, step, maxGradNorm })
}

/**
 * One AdamW step in place, for all entries in one pass (Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019), in
 * PyTorch's order, g being clipped:
 * p ← p·(1 − lr·λ); m ← m + (1 − β₁)(g − m); v ← β₂·v + (1 − β₂)·g²; p ← p − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε).
 *
 * `gradNorm` [], as {@link gradientNorm} gives it, is needed for clipping. Where it is not finite nothing is written, and
 * inputs that an earlier op's failure has made void leave parameters and moments as they were. No gradient.
 *
 * @throws {@link ArgumentError} for no entries, tensors that are not f32 of one shape, an option that is missing or out of range, or `maxGradNorm` above
 * 0 without `gradNorm`
 */
export function adamwStep(entries: readonly AdamwEntry[], gradNorm: Tensor | null, options: AdamwStepOptions): void {
  checkStep('adamw_step', options)
  requireArrays('adamw_step', { entries })
  for (const { parameter, gradient, m, v } of entries) requireTensors('adamw_step', { parameter, gradient, m, v })
  requireTensors('adamw_step', {}, { gradNorm })
  const natives = (field: keyof AdamwEntry) => entries.map((entry) => entry[field].native)
  const lists = [natives('parameter'), natives('gradient'), natives('m'), natives('v')] as const
  run('adamw_step', ...lists, gradNorm?.native ?? null, { ...options })
}

/**
 * √(Σ g²) over all elements of all tensors (f32, any shapes, one device) → []. Squares are summed in float64, in parts of fixed
 * size: the value does not depend on the number of threads. No gradient.
 *
 * @throws {@link ArgumentError} for no tensors at all, or others than f32
 */
export function gradientNorm(gradients: readonly Tensor[]): Tensor {
  requireArrays('gradient_norm', { gradients })
  if (gradients.length === 0) throw new ArgumentError('[gradient_norm] expected at least one gradient, got none')
  for (const gradient of gradients) requireTensors('gradient_norm', { gradient })
  return Tensor.wrap(
    call(
      'gradient_norm',
      gradients.map((gradient) => gradient.native),
    ),
  )
}
