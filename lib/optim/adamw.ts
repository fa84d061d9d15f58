// AdamW: Adam with decoupled weight decay (Loshchilov & Hutter, 2019), one fused pass over the parameters.

import { noGrad } from '../autograd.js'
import { ArgumentError } from '../errors.js'
import { type AdamwEntry, type AdamwStepOptions, adamwStep, gradientNorm } from '../ops/adamw-step.js'
import { type Adamw8Entry, adamw8Step } from '../ops/adamw8-step.js'
import type { Tensor } from '../tensor.js'
import { disposeMoments, isQuantized, type MomentFormat, type Moments, makeMoments, momentSpecs } from './moments.js'
import { type ExpectedMoments, type MomentValues, type SavedTensor, savedMoments, withShapes } from './saved-moments.js'

export interface AdamWOptions {
  learningRate: number
  beta1?: number
  beta2?: number
  epsilon?: number
  weightDecay?: number
  /** Whether vectors (biases, norm weights) decay too. */
  useDecayOnVectors?: boolean
  /** How moments are kept, of all parameters or of each; those of less than 4096 elements always in f32. Default: f32. */
  moments?: MomentFormat | ((parameter: Tensor) => MomentFormat) | undefined
}

/** What a checkpoint keeps: moments as '<parameter>.m' and '<parameter>.v'; of 8 bits as codes, beside '.mScale' and '.vScale'. */
export interface AdamWState {
  numSteps: number
  tensors: Map<string, MomentValues>
}

export class AdamW {
  /** May be set between steps: a schedule does. */
  learningRate: number
  readonly parameters: readonly Tensor[]
  readonly #options: Required<Omit<AdamWOptions, 'moments'>>
  readonly #formatOf: (parameter: Tensor) => MomentFormat
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
      moments = 'f32',
    }: AdamWOptions,
  ) {
    this.parameters = [...new Set(parameters)]
    this.learningRate = learningRate
    this.#options = { learningRate, beta1, beta2, epsilon, weightDecay, useDecayOnVectors }
    this.#formatOf = typeof moments === 'function' ? moments : () => moments
  }

  get numSteps(): number {
    return this.#numSteps
  }

  /** Whether moments of any parameter are of 8 bits. */
  get hasQuantizedMoments(): boolean {
    return this.parameters.some((parameter) => 'mScale' in this.#specsOf(parameter))
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
    const hasDecay = ({ parameter }: Entry) => useDecayOnVectors || parameter.shape.length > 1
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
    for (const moments of this.#moments.values()) disposeMoments(moments)
    this.#moments.clear()
    this.#numSteps = 0
  }

  dispose(): void {
    this.reset()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /**
   * The moments themselves, by their names in AdamWState, of parameters that have any. They live until reset(),
   * restore() or dispose(), and the next step changes them in place.
   */
  stateTensors(): ReadonlyMap<string, Tensor> {
    const tensors = new Map<string, Tensor>()
    for (const { parameter, name } of this.#expected())
      for (const [part, tensor] of Object.entries(this.#moments.get(parameter) ?? {}))
        tensors.set(`${name}.${part}`, tensor)
    return tensors
  }

  /**
   * Goes on bit for bit where stateTensors() and numSteps were read. The names, shapes and dtypes must be this optimizer's; an
   * ArgumentError tells of one that is not, and then nothing is changed.
   */
  restore({ numSteps, tensors }: { numSteps: number; tensors: ReadonlyMap<string, SavedTensor> }): void {
    const saved = savedMoments(this.#expected(), tensors)
    this.reset()
    for (const [parameter, parts] of saved) {
      const moments: Readonly<Record<string, Tensor>> = { ...this.#momentsOf(parameter) }
      for (const [part, { bytes }] of Object.entries(parts)) moments[part]?.writeBytes(bytes)
    }
    this.#numSteps = numSteps
  }

  /** @internal Moments like those that steps to come will make, for parameters that have none yet. They are the caller's. */
  reserveMoments(): Tensor[] {
    const without = this.parameters.filter((parameter) => !this.#moments.has(parameter))
    return without.flatMap((parameter) => Object.values(makeMoments(this.#specsOf(parameter), parameter.device)))
  }

  async exportState(): Promise<AdamWState> {
    const { numSteps } = this
    const read = [...this.stateTensors()].map(
      async ([name, tensor]) => [name, (await tensor.toArray()) as MomentValues] as const,
    )
    return { numSteps, tensors: new Map(await Promise.all(read)) }
  }

  /** As restore(), from values without shapes. */
  importState({ numSteps, tensors }: { numSteps: number; tensors: ReadonlyMap<string, MomentValues> }): void {
    this.restore({ numSteps, tensors: withShapes(this.#expected(), tensors) })
  }

  #expected(): ExpectedMoments[] {
    const all = this.parameters.map((parameter, index) => ({
      parameter,
      name: parameter.name ?? `parameters.${index}`,
      specs: this.#specsOf(parameter),
    }))
    const names = new Set<string>()
    for (const { name } of all) {
      if (names.has(name)) throw new ArgumentError(`[adamw] expected one parameter of each name, got two of ${name}`)
      names.add(name)
    }
    return all
  }

  #specsOf(parameter: Tensor): ExpectedMoments['specs'] {
    return momentSpecs(parameter, this.#formatOf(parameter))
  }

  #entryOf(parameter: Tensor): Entry[] {
    const gradient = parameter.grad
    return gradient ? [{ parameter, gradient, ...this.#momentsOf(parameter) }] : []
  }

  #momentsOf(parameter: Tensor): Moments {
    const known = this.#moments.get(parameter)
    if (known) return known
    const moments = makeMoments(this.#specsOf(parameter), parameter.device)
    this.#moments.set(parameter, moments)
    return moments
  }

  #update(entries: readonly Entry[], { gradNorm, ...how }: Update): void {
    const { beta1, beta2, epsilon } = this.#options
    const { learningRate } = this
    const options: AdamwStepOptions = { learningRate, beta1, beta2, epsilon, step: this.#numSteps, ...how }
    const quantized = entries.filter((entry): entry is Adamw8Entry => isQuantized(entry))
    const plain = entries.filter((entry): entry is AdamwEntry => !isQuantized(entry))
    if (plain.length > 0) adamwStep(plain, gradNorm, options)
    if (quantized.length > 0) adamw8Step(quantized, gradNorm, options)
  }
}

type Entry = AdamwEntry | Adamw8Entry

type Update = { gradNorm: Tensor } & Pick<AdamwStepOptions, 'maxGradNorm' | 'weightDecay'>
