// AdamW: Adam with decoupled weight decay (Loshchilov & Hutter, 2019), one fused pass over the parameters.

import { checkOptions, type OptionKeys, requireEach, requireNumbers, requireObjects } from '../arguments.js'
import { noGrad } from '../autograd.js'
import { ArgumentError } from '../errors.js'
import { type AdamwEntry, type AdamwStepOptions, adamwStep, gradientNorm } from '../ops/adamw-step.js'
import { type Adamw8Entry, adamw8Step } from '../ops/adamw8-step.js'
import type { Tensor } from '../tensor.js'
import { checkAdamWOptions, parametersOf } from './adamw-options.js'
import { disposeMoments, isQuantized, type MomentFormat, type Moments, makeMoments, momentSpecs } from './moments.js'
import { type ExpectedMoments, type MomentValues, type SavedTensor, savedMoments, withShapes } from './saved-moments.js'

/** How AdamW steps. The defaults are PyTorch's. */
export interface AdamWOptions {
  /** Of the first step on; a schedule sets `optimizer.learningRate` later. At least 0. */
  learningRate: number
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  beta1?: number
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  beta2?: number
  /** Added to the root of the corrected second moment; above 0. Default 1e-8. */
  epsilon?: number
  /** Decoupled: each step multiplies a parameter by 1 − learningRate · weightDecay. At least 0. Default 0.01. */
  weightDecay?: number
  /** Whether parameters of rank 1 or 0 (biases, norm weights) decay too. Default true. */
  useDecayOnVectors?: boolean
  /**
   * How moments are kept, of all parameters or of each: 'f32', the default, takes 8 bytes an element; '8bit' about 2 (Dettmers
   * et al., 2022). Those of less than 4096 elements are always in f32.
   */
  moments?: MomentFormat | ((parameter: Tensor) => MomentFormat) | undefined
}

/**
 * What a checkpoint keeps: moments as `<parameter>.m` and `<parameter>.v`; of 8 bits as codes, beside `.mScale` and `.vScale`.
 */
export interface AdamWState {
  /** Steps taken so far. */
  numSteps: number
  /**
   * By name, of parameters that have had a gradient: f32 values, or codes of 8 bits. A parameter without a name is
   * `parameters.<index>`.
   */
  tensors: Map<string, MomentValues>
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019), one fused pass over
 * the parameters: see `ops.adamwStep` for the formula. Moments are made with a parameter's first gradient and outlive every
 * scope; dispose() frees them.
 *
 * @example
 * ```ts
 * import { AdamW, ops, scope, tensor } from 'lengthen'
 *
 * const weight = tensor([1, -2], { requiresGrad: true })
 * using optimizer = new AdamW([weight], { learningRate: 1e-2 })
 * for (let step = 0; step < 100; step++) {
 *   scope(() => ops.sum(ops.square(weight)).backward())
 *   optimizer.step({ maxGradNorm: 1 }).dispose()
 *   optimizer.zeroGrad()
 * }
 * ```
 */
export class AdamW {
  /** May be set between steps: a schedule does. */
  learningRate: number
  /** What is updated, each once, in the order given. */
  readonly parameters: readonly Tensor[]
  readonly #options: Required<Omit<AdamWOptions, 'moments'>>
  readonly #formatOf: (parameter: Tensor) => MomentFormat
  readonly #moments = new Map<Tensor, Moments>()
  #numSteps = 0

  /**
   * @throws {@link ArgumentError} for an option that is unknown, missing or out of range, or parameters that are no tensors
   */
  constructor(parameters: Iterable<Tensor>, options: AdamWOptions) {
    checkAdamWOptions(options)
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options
    const { useDecayOnVectors = true, moments = 'f32' } = options
    this.parameters = [...new Set(parametersOf(parameters))]
    this.learningRate = learningRate
    this.#options = { learningRate, beta1, beta2, epsilon, weightDecay, useDecayOnVectors }
    this.#formatOf = typeof moments === 'function' ? moments : () => moments
  }

  /** Steps taken so far; restore() and reset() set it. */
  get numSteps(): number {
    return this.#numSteps
  }

  /** Whether moments of any parameter are of 8 bits. */
  get hasQuantizedMoments(): boolean {
    return this.parameters.some((parameter) => 'mScale' in this.#specsOf(parameter))
  }

  /**
   * Updates every parameter that has a gradient, in place; returns the norm of all gradients, f32 [], before clipping: the
   * caller's to dispose of. `maxGradNorm` above 0 scales the gradients of this step to at most that norm. A norm that is not
   * finite changes no parameter, but counts as a step.
   *
   * Steps are counted for all parameters together: the first one of a parameter without gradients so far is corrected as a
   * later one, where PyTorch counts each parameter's own.
   *
   * @throws {@link ArgumentError} where no parameter has a gradient, or learningRate or maxGradNorm is out of range
   */
  step(options: { maxGradNorm?: number } = {}): Tensor {
    checkOptions('adamw', options, stepKeys)
    const { maxGradNorm = 0 } = options
    requireNumbers('adamw', { learningRate: this.learningRate, maxGradNorm })
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

  /** Disposes of all gradients, to null: the next backward() begins anew. step() leaves them as they are. */
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

  /** Frees the moments, as reset() does; the parameters are not the optimizer's and stay. */
  dispose(): void {
    this.reset()
  }

  /** As dispose(), at the end of a `using` declaration's block. */
  [Symbol.dispose](): void {
    this.dispose()
  }

  /**
   * The moments themselves, by their names in AdamWState, of parameters that have any. They live until reset(), restore() or
   * dispose(), and the next step changes them in place.
   *
   * @throws {@link ArgumentError} where two parameters have one name
   */
  stateTensors(): ReadonlyMap<string, Tensor> {
    const tensors = new Map<string, Tensor>()
    for (const { parameter, name } of this.#expected())
      for (const [part, tensor] of Object.entries(this.#moments.get(parameter) ?? {}))
        tensors.set(`${name}.${part}`, tensor)
    return tensors
  }

  /**
   * Goes on bit for bit where stateTensors() and numSteps were read. Nothing is changed where it throws.
   *
   * @throws {@link ArgumentError} where names, shapes or dtypes are not this optimizer's, or some moments of a parameter are missing
   */
  restore(state: { numSteps: number; tensors: ReadonlyMap<string, SavedTensor> }): void {
    requireState(state)
    const { numSteps, tensors } = state
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

  /** A copy of numSteps and moments as plain arrays, once the steps before have run: what importState() takes. */
  async exportState(): Promise<AdamWState> {
    const { numSteps } = this
    const read = [...this.stateTensors()].map(
      async ([name, tensor]) => [name, (await tensor.toArray()) as MomentValues] as const,
    )
    return { numSteps, tensors: new Map(await Promise.all(read)) }
  }

  /**
   * As restore(), from values without shapes.
   *
   * @throws {@link ArgumentError} as restore()
   */
  importState(state: { numSteps: number; tensors: ReadonlyMap<string, MomentValues> }): void {
    requireState(state)
    const { numSteps, tensors } = state
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

const stepKeys: OptionKeys<{ maxGradNorm?: number }> = { maxGradNorm: true }

function requireState(state: { numSteps: unknown; tensors: unknown }): void {
  requireObjects('adamw', { state })
  requireNumbers('adamw', { numSteps: state.numSteps })
  requireEach(
    'adamw',
    'a Map',
    { tensors: state.tensors },
    (tensors) => typeof (tensors as Map<string, unknown> | undefined)?.get === 'function',
  )
}

type Entry = AdamwEntry | Adamw8Entry

type Update = { gradNorm: Tensor } & Pick<AdamwStepOptions, 'maxGradNorm' | 'weightDecay'>
