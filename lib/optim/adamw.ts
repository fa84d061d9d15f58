// AdamW: Adam with decoupled weight decay (Loshchilov & Hutter, 2019), one fused pass over the parameters.

import { noGrad } from '../autograd.js'
import { zeros } from '../create.js'
import { ArgumentError } from '../errors.js'
import { type AdamwEntry, adamwStep, gradientNorm } from '../ops/adamw-step.js'
import { withoutScope } from '../scope.js'
import type { Tensor } from '../tensor.js'

export interface AdamWOptions {
  learningRate: number
  beta1?: number
  beta2?: number
  epsilon?: number
  weightDecay?: number
  /** Whether vectors (biases, norm weights) decay too. */
  useDecayOnVectors?: boolean
}

/** What a checkpoint keeps: moments as '<parameter>.m' and '<parameter>.v'. */
export interface AdamWState {
  numSteps: number
  tensors: Map<string, Float32Array>
}

interface Moments {
  m: Tensor
  v: Tensor
}

export class AdamW {
  /** May be set between steps: a schedule does. */
  learningRate: number
  readonly parameters: readonly Tensor[]
  readonly #options: Required<AdamWOptions>
  readonly #moments = new Map<Tensor, Moments>()
  #numSteps = 0

  constructor(
    parameters: Iterable<Tensor>,
    {
      learningRate,
      beta1 = 0.9,
      beta2 = 0.999,
      epsilon = 1e-8,
      weightDecay = 0.01,
      useDecayOnVectors = true,
    }: AdamWOptions,
  ) {
    this.parameters = [...new Set(parameters)]
    this.learningRate = learningRate
    this.#options = { learningRate, beta1, beta2, epsilon, weightDecay, useDecayOnVectors }
  }

  get numSteps(): number {
    return this.#numSteps
  }

  /**
   * Updates every parameter that has a gradient, in place; returns the norm of all gradients [], before clipping. A norm that
   * is not finite changes no parameter. Steps are counted for all parameters together: the first one of a parameter without
   * gradients so far is corrected as a later one, where PyTorch counts each parameter's own.
   */
  step({ maxGradNorm = 0 }: { maxGradNorm?: number } = {}): Tensor {
    const entries = this.parameters.flatMap((parameter) => this.#entryOf(parameter))
    if (entries.length === 0)
      throw new ArgumentError('[adamw_step] expected gradients on the parameters, got none: call backward() first')
    const gradNorm = noGrad(() => gradientNorm(entries.map((entry) => entry.gradient)))
    this.#numSteps++
    const { useDecayOnVectors, weightDecay } = this.#options
    const hasDecay = ({ parameter }: AdamwEntry) => useDecayOnVectors || parameter.shape.length > 1
    this.#update(entries.filter(hasDecay), { gradNorm, maxGradNorm, weightDecay })
    this.#update(
      entries.filter((entry) => !hasDecay(entry)),
      { gradNorm, maxGradNorm, weightDecay: 0 },
    )
    return gradNorm
  }

  zeroGrad(): void {
    for (const parameter of this.parameters) {
      parameter.grad?.dispose()
      parameter.grad = null
    }
  }

  /** Forgets moments and steps, as a new optimizer would start. */
  reset(): void {
    for (const { m, v } of this.#moments.values()) {
      m.dispose()
      v.dispose()
    }
    this.#moments.clear()
    this.#numSteps = 0
  }

  dispose(): void {
    this.reset()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  async exportState(): Promise<AdamWState> {
    const read: [string, Promise<Float32Array>][] = []
    for (const [index, parameter] of this.parameters.entries()) {
      const moments = this.#moments.get(parameter)
      if (!moments) continue
      const name = nameOf(parameter, index)
      read.push([`${name}.m`, moments.m.toArray() as Promise<Float32Array>])
      read.push([`${name}.v`, moments.v.toArray() as Promise<Float32Array>])
    }
    const tensors = await Promise.all(read.map(async ([name, values]) => [name, await values] as const))
    return { numSteps: this.#numSteps, tensors: new Map(tensors) }
  }

  importState({ numSteps, tensors }: { numSteps: number; tensors: ReadonlyMap<string, Float32Array> }): void {
    const unknown = new Set(tensors.keys())
    this.reset()
    for (const [index, parameter] of this.parameters.entries()) {
      const name = nameOf(parameter, index)
      const m = tensors.get(`${name}.m`)
      const v = tensors.get(`${name}.v`)
      if (!m || !v) continue
      const moments = this.#momentsOf(parameter)
      moments.m.write(m)
      moments.v.write(v)
      unknown.delete(`${name}.m`)
      unknown.delete(`${name}.v`)
    }
    if (unknown.size > 0)
      throw new ArgumentError(
        `[adamw_step] expected moments of this optimizer's parameters, got ${[...unknown].join(', ')}`,
      )
    this.#numSteps = numSteps
  }

  #entryOf(parameter: Tensor): AdamwEntry[] {
    const gradient = parameter.grad
    return gradient ? [{ parameter, gradient, ...this.#momentsOf(parameter) }] : []
  }

  #momentsOf(parameter: Tensor): Moments {
    const known = this.#moments.get(parameter)
    if (known) return known
    const { shape, device } = parameter
    // They outlive the scope of the step in which they are made.
    const moments = withoutScope(() => ({ m: zeros(shape, { device }), v: zeros(shape, { device }) }))
    this.#moments.set(parameter, moments)
    return moments
  }

  #update(
    entries: readonly AdamwEntry[],
    { gradNorm, maxGradNorm, weightDecay }: { gradNorm: Tensor; maxGradNorm: number; weightDecay: number },
  ): void {
    if (entries.length === 0) return
    const { beta1, beta2, epsilon } = this.#options
    const { learningRate } = this
    adamwStep(entries, gradNorm, {
      learningRate,
      beta1,
      beta2,
      epsilon,
      weightDecay,
      step: this.#numSteps,
      maxGradNorm,
    })
  }
}

const nameOf = (parameter: Tensor, index: number): string => parameter.name ?? `parameters.${index}`
