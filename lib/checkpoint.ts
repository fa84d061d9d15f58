// Recomputation instead of memory: what a function makes in between is not kept, but made again in backward.
import { kindOf } from './arguments.js'
import { ArgumentError } from './errors.js'
import {
  attachNode,
  type Handles,
  listOf,
  type Result,
  requireResult,
  requireTensors,
  trackAll,
} from './function-node.js'
import type { NativeTensor } from './native.js'
import { notingReads, type Reads } from './reads.js'
import { runScope, type ScopeMember, scope } from './scope.js'
import { SharedHandle } from './shared-handle.js'
import {
  type BackwardRoot,
  type GradientSink,
  gradMode,
  NodeOutput,
  nextNodeId,
  runBackward,
  type SavedHandle,
  save,
  withGradMode,
} from './tape.js'
import { Tensor } from './tensor.js'

/**
 * fn(...inputs) without keeping what is in between (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016): it
 * runs again, to the same bits, when backward gets there, and each gradient is added where and when the plain run adds it.
 * Tensors with a history must come in as inputs; others (a module's parameters) may be captured, and are held for backward. fn
 * must do the same both times, and be synchronous.
 *
 * @throws {@link ArgumentError} where fn is no function, inputs or results are no tensors, fn calls backward(), or, from backward(),
 * where a tensor with a history was captured
 *
 * @example
 * ```ts
 * import { checkpoint, ops, tensor } from 'lengthen'
 *
 * const x = tensor([1, 2], { requiresGrad: true })
 * // exp(x) is not kept: backward() computes it again.
 * const y = checkpoint((x) => ops.square(ops.exp(x)), x)
 * ops.sum(y).backward()
 * ```
 */
export function checkpoint<Inputs extends readonly Tensor[], Output extends Result>(
  fn: (...inputs: Inputs) => Output,
  ...inputs: Inputs
): Output {
  if (typeof fn !== 'function') throw new ArgumentError(`[checkpoint] expected a function, got ${kindOf(fn)}`)
  requireTensors('checkpoint', { from: 'as inputs', values: inputs })
  const { result, made, reads } = firstRun(() => fn(...inputs))
  const places = placesOf(result, (output) => made.has(output) && output.requiresGrad)
  // In the first run of a segment around this one the marks on the results are all that is needed.
  if (places.length > 0 && gradMode() === 'record') {
    const outputs = places.map((place) => listOf(result)[place] as Tensor)
    attachSegment(outputs, { fn: fn as unknown as Segment['fn'], places, inputs, captured: capturedOf(reads, made) })
  }
  return result
}

interface Segment {
  fn: (...inputs: readonly Tensor[]) => Result
  /** Where in what fn returns the outputs with a gradient are. */
  places: readonly number[]
  inputs: readonly Tensor[]
  captured: readonly Captured[]
}

/** A tensor without a history that fn reads and did not make; leaves among the inputs too. */
interface Captured {
  tensor: Tensor
  saved: SavedHandle
}

/** An input with a history. */
interface Passed {
  handle: SharedHandle
  sink: GradientSink
}

/** Passes each gradient on as it comes: summed here first, it would be rounded in another order than in the plain run. */
class PassingSink implements GradientSink {
  readonly producer = null

  constructor(private readonly to: GradientSink) {}

  addGradient(gradient: SharedHandle): void {
    this.to.addGradient(gradient)
  }
}

function firstRun<Output extends Result>(
  fn: () => Output,
): { result: Output; made: ReadonlySet<ScopeMember>; reads: Reads } {
  const mode = gradMode() === 'off' ? 'off' : 'mark'
  const run = () => requireResult('checkpoint', { from: 'from the function', result: withGradMode(mode, fn) })
  const { result: survivors, reads } = notingReads(() => runScope('checkpoint', run))
  trackAll(survivors.kept)
  return { result: survivors.result, made: survivors.kept, reads }
}

// A tensor that is returned twice is one output.
function placesOf(result: Result, isOutput: (tensor: Tensor) => boolean): number[] {
  const all = listOf(result)
  return all.flatMap((tensor, place) => (isOutput(tensor) && all.indexOf(tensor) === place ? [place] : []))
}

// What fn made and did not return is disposed by now.
function capturedOf(reads: Reads, made: ReadonlySet<ScopeMember>): Captured[] {
  return [...reads].flatMap(([tensor, saved]) => (tensor.isDisposed || made.has(tensor) ? [] : [{ tensor, saved }]))
}

function attachSegment(outputs: readonly Tensor[], { fn, places, inputs, captured }: Segment): void {
  const origins = inputs.map((input): Tensor | Passed =>
    input.isLeaf ? input : { handle: input.handle, sink: input.sink as GradientSink },
  )
  const saved = [
    ...captured.map(({ saved }) => saved),
    ...origins.flatMap((origin) => (origin instanceof Tensor ? [] : [save(origin.handle)])),
  ]
  for (const { handle } of saved) handle.retain()
  attachNode(outputs, {
    name: 'checkpoint',
    inputs,
    saved,
    backward: (gradients) =>
      whileAlive(captured, () => {
        recompute(() => fn(...origins.map(inputAgain)), places, gradients)
        return []
      }),
  })
}

const inputAgain = (origin: Tensor | Passed): Tensor =>
  origin instanceof Tensor ? origin : Tensor.wrap(origin.handle.retain()).attach(new PassingSink(origin.sink))

// Gradients go from here straight to where the inputs' and captured tensors' gradients gather.
function recompute(fn: () => Result, places: readonly number[], gradients: Handles): void {
  scope(() => {
    const oldestId = nextNodeId()
    const results = listOf(withGradMode('record', fn))
    runBackward(
      places.flatMap((place, i) => rootOf(results[place] as Tensor, gradients[i] ?? null)),
      oldestId,
    )
  })
}

function rootOf({ sink }: Tensor, gradient: NativeTensor | null): BackwardRoot[] {
  if (!(sink instanceof NodeOutput) || !gradient) return []
  return [{ output: sink, gradient: new SharedHandle(gradient.alias(), true) }]
}

/** Runs fn with those alive again that were disposed since the forward pass; the node holds their memory. */
function whileAlive<T>(captured: readonly Captured[], fn: () => T): T {
  const disposed = captured.filter(({ tensor }) => tensor.isDisposed)
  for (const { tensor, saved } of disposed) tensor.revive(saved.handle.retain())
  try {
    return fn()
  } finally {
    for (const { tensor } of disposed) tensor.dispose()
  }
}
