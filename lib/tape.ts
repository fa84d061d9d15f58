// The tape: what each recorded op needs for its gradient, and the walk back over it. It knows native handles only.
import { requireFunctions } from './arguments.js'
import { ArgumentError } from './errors.js'
import { call, type NativeTensor, run } from './native.js'
import { rejectPromise } from './scope.js'
import { SharedHandle } from './shared-handle.js'

/**
 * Gradients of the outputs (null where none arrived) and the saved tensors in, gradients of the inputs out. It returns
 * new handles, or one of the gradients it was given; null where an input has none.
 */
export type Backward = (
  gradients: readonly (NativeTensor | null)[],
  saved: readonly (NativeTensor | null)[],
  needs: readonly boolean[],
) => readonly (NativeTensor | null)[]

/** Where a gradient goes: an output of another node, or a leaf. */
export interface GradientSink {
  readonly producer: TapeNode | null
  /** Takes over the handle. */
  addGradient(gradient: SharedHandle): void
}

/** Of results in mode 'mark'. */
export const gradientMark: GradientSink = {
  producer: null,
  addGradient: (gradient) => {
    gradient.release()
    throw new ArgumentError('[checkpoint] expected no backward within the function: nothing is recorded there')
  },
}

/** What backward will look at, and the in-place writes it had seen. */
export interface SavedHandle {
  handle: SharedHandle
  version: number
}

/** As it is now; overwriting it before backward is an error. The handle is taken over. */
export const save = (handle: SharedHandle): SavedHandle => ({ handle, version: handle.native.version })

export interface NodeOptions {
  name: string
  inputs: readonly (GradientSink | null)[]
  /** Taken over. */
  saved: readonly (SavedHandle | null)[]
  numOutputs: number
  backward: Backward
  /** Whether returned gradients may be views of those that came in. */
  isView: boolean
}

/** What ops leave for backward: all that a gradient needs, only the mark on a result that it has one, or nothing. */
export type GradMode = 'record' | 'mark' | 'off'

let currentMode: GradMode = 'record'
let nextId = 0

export const gradMode = (): GradMode => currentMode

/**
 * Runs fn without recording for backward: results have no history, and keep no memory for it. Synchronous functions only.
 *
 * @throws {@link ArgumentError} where fn is no function, or returns a promise
 */
export function noGrad<T>(fn: () => T): T {
  requireFunctions('noGrad', { fn })
  return rejectPromise('noGrad', withGradMode('off', fn))
}

export function withGradMode<T>(mode: GradMode, fn: () => T): T {
  const before = currentMode
  currentMode = mode
  try {
    return fn()
  } finally {
    currentMode = before
  }
}

let isInProgram = false

/** Runs the function of a program: nothing in it is recorded for backward, and backward() is refused. */
export function withoutBackward<T>(fn: () => T): T {
  const before = isInProgram
  isInProgram = true
  try {
    return withGradMode('off', fn)
  } finally {
    isInProgram = before
  }
}

/** A replay would add the same gradient over freed memory. */
export function requireNoProgram(): void {
  if (isInProgram) throw new ArgumentError('[record] backward cannot be recorded')
}

/** The number that the next recorded op gets; grows with time. */
export const nextNodeId = (): number => nextId

/** One result of a node, and the gradient that gathers there during backward. */
export class NodeOutput implements GradientSink {
  gradient: SharedHandle | null = null

  constructor(readonly producer: TapeNode) {}

  addGradient(gradient: SharedHandle): void {
    if (this.gradient === null) this.gradient = gradient
    else if (this.gradient.isExclusive) addInPlace(this.gradient, gradient)
    else this.replace(new SharedHandle(call('add', this.gradient.native, gradient.native)), gradient)
  }

  drop(): void {
    this.gradient?.release()
    this.gradient = null
  }

  private replace(sum: SharedHandle, added: SharedHandle): void {
    this.drop()
    added.release()
    this.gradient = sum
  }
}

/** target += gradient; the gradient is released. */
export function addInPlace(target: SharedHandle, gradient: SharedHandle): void {
  run('accumulate', target.native, gradient.native)
  gradient.release()
}

/** A recorded op. Freed once backward has passed, or when neither a tensor nor another node holds it. */
export class TapeNode {
  readonly id = nextId++
  readonly name: string
  readonly outputs: readonly NodeOutput[]
  #numHolders = 0
  #isFreed = false
  #inputs: readonly (GradientSink | null)[]
  #saved: readonly (SavedHandle | null)[]
  readonly #backward: Backward
  readonly #isView: boolean

  constructor(options: NodeOptions) {
    this.name = options.name
    this.outputs = Array.from({ length: options.numOutputs }, () => new NodeOutput(this))
    this.#inputs = options.inputs
    this.#saved = options.saved
    this.#backward = options.backward
    this.#isView = options.isView
    for (const input of this.#inputs) input?.producer?.retain()
  }

  get isFreed(): boolean {
    return this.#isFreed
  }

  get inputs(): readonly (GradientSink | null)[] {
    return this.#inputs
  }

  retain(): void {
    this.#numHolders++
  }

  release(): void {
    const unheld = [this as TapeNode]
    for (let node = unheld.pop(); node; node = unheld.pop()) {
      if (--node.#numHolders > 0) continue
      for (const input of node.#free()) if (input) unheld.push(input)
    }
  }

  /** Turns the gradients of the outputs into those of the inputs, then frees what only this needed. */
  run(): void {
    if (this.outputs.some((output) => output.gradient !== null)) this.#propagate()
    for (const output of this.outputs) output.drop()
    for (const producer of this.#free()) producer?.release()
  }

  #propagate(): void {
    this.#checkVersions()
    const arrived = this.outputs.map((output) => output.gradient)
    const results = this.#backward(
      arrived.map((gradient) => gradient?.native ?? null),
      this.#saved.map((saved) => saved?.handle.native ?? null),
      this.#inputs.map((input) => input !== null),
    )
    results.forEach((result, i) => {
      if (result !== null) this.#pass(result, arrived, this.#inputs[i] ?? null)
    })
  }

  #pass(result: NativeTensor, arrived: (SharedHandle | null)[], input: GradientSink | null): void {
    const passedOn = arrived.find((gradient) => gradient?.native === result)
    if (input === null) {
      if (!passedOn) result.dispose()
      return
    }
    input.addGradient(passedOn ? passedOn.retain() : new SharedHandle(result, this.#isView))
  }

  #checkVersions(): void {
    for (const saved of this.#saved) {
      if (saved === null || saved.handle.native.version === saved.version) continue
      throw new ArgumentError(
        `[backward] a tensor that ${this.name} needs for its gradient, ${shapeText(saved.handle.native)}, was overwritten in place after the forward pass`,
      )
    }
  }

  /** Lets everything go and returns the nodes it held. */
  #free(): (TapeNode | null)[] {
    if (this.#isFreed) return []
    this.#isFreed = true
    for (const saved of this.#saved) saved?.handle.release()
    const producers = this.#inputs.map((input) => input?.producer ?? null)
    this.#saved = []
    this.#inputs = []
    return producers
  }
}

export interface BackwardRoot {
  output: NodeOutput
  /** Taken over. */
  gradient: SharedHandle
}

/** Walks back from the roots, newest op first. Nodes older than `oldestId` must not be reached. */
export function runBackward(roots: readonly BackwardRoot[], oldestId = 0): void {
  const nodes = reachableNodes(roots.map((root) => root.output.producer))
  try {
    checkNodes(nodes, oldestId)
  } catch (error) {
    for (const { gradient } of roots) gradient.release()
    throw error
  }
  // An op is newer than its inputs, so this is a topological order, and the same one every time.
  nodes.sort((a, b) => b.id - a.id)
  for (const node of nodes) node.retain()
  for (const { output, gradient } of roots) output.addGradient(gradient)
  let numDone = 0
  try {
    for (const node of nodes) {
      node.run()
      numDone++
      node.release()
    }
  } finally {
    for (const node of nodes.slice(numDone)) {
      for (const output of node.outputs) output.drop()
      node.release()
    }
  }
}

function reachableNodes(start: readonly TapeNode[]): TapeNode[] {
  const seen = new Set(start)
  // A Set visits what is added while it is walked.
  for (const node of seen) for (const input of node.inputs) if (input?.producer) seen.add(input.producer)
  return [...seen]
}

function checkNodes(nodes: readonly TapeNode[], oldestId: number): void {
  for (const node of nodes) {
    if (node.isFreed) {
      throw new ArgumentError(
        `[backward] the graph behind ${node.name} was freed by an earlier backward: run the forward pass again, or add the losses first`,
      )
    }
    if (node.id < oldestId) {
      throw new ArgumentError(
        `[checkpoint] expected tensors with a history as inputs of the function, got one captured from outside, made by ${node.name}`,
      )
    }
  }
}

const shapeText = (tensor: NativeTensor): string => `${tensor.dtype} [${tensor.shape.join(', ')}]`
