// Derivatives for users: noGrad, ops of their own with a gradient, and recomputation instead of memory.
import { zeros } from './create.js'
import { ArgumentError } from './errors.js'
import type { NativeTensor } from './native.js'
import { runScope, scope, track } from './scope.js'
import { SharedHandle } from './shared-handle.js'
import { type Backward, isGradEnabled, NodeOutput, nextNodeId, runBackward, TapeNode, withGrad } from './tape.js'
import { Tensor } from './tensor.js'
import { hasShape, shapeText } from './tensor-data.js'

export { noGrad } from './tape.js'

/** Saved tensors; the named places spare the reader a check for undefined. */
export interface SavedTensors extends ReadonlyArray<Tensor> {
  readonly 0: Tensor
  readonly 1: Tensor
  readonly 2: Tensor
  readonly 3: Tensor
  readonly 4: Tensor
  readonly 5: Tensor
}

export interface OpContext {
  /** In forward: keeps tensors for backward. Overwriting them in between is an error. */
  save(...tensors: Tensor[]): void
  /** In backward: what forward saved, in that order. */
  readonly saved: SavedTensors
}

type Result = Tensor | readonly Tensor[]

export interface OpDefinition<Inputs extends readonly Tensor[], Output extends Result> {
  name: string
  forward(ctx: OpContext, ...inputs: Inputs): Output
  /** From the gradient of each output, that of each input; null where there is none. */
  backward(ctx: OpContext, ...gradients: Tensor[]): readonly (Tensor | null)[]
}

/** An op with a gradient of its own. Neither function is recorded; what they make in between is disposed. */
export function defineOp<Inputs extends readonly Tensor[], Output extends Result>(
  op: OpDefinition<Inputs, Output>,
): (...inputs: Inputs) => Output {
  return (...inputs) => {
    const saved: Tensor[] = []
    const output = runUnrecorded(op.name, () => op.forward(forwardContext(op.name, saved), ...inputs))
    if (!isGradEnabled() || !inputs.some((input) => input.requiresGrad)) return output
    const shapes = { inputs: shapesOf(inputs), outputs: shapesOf(listOf(output)) }
    attach(output, {
      name: op.name,
      inputs,
      saved,
      backward: (gradients, handles) => userGradients(op, shapes, gradients, handles),
    })
    return output
  }
}

/**
 * fn(...inputs) without keeping what is in between: it runs again, to the same bits, when backward gets there. Tensors
 * with a history must come in as inputs; leaves (a module's parameters) may be captured.
 */
export function checkpoint<Inputs extends readonly Tensor[], Output extends Result>(
  fn: (...inputs: Inputs) => Output,
  ...inputs: Inputs
): Output {
  if (!isGradEnabled()) return fn(...inputs)
  const requiresGrad = inputs.map((input) => input.requiresGrad)
  const output = runUnrecorded('checkpoint', () => fn(...inputs))
  const again = fn as unknown as (...inputs: readonly Tensor[]) => Result
  attach(output, {
    name: 'checkpoint',
    inputs,
    saved: inputs,
    backward: (gradients, handles) => recomputedGradients(again, requiresGrad, gradients, handles),
  })
  return output
}

type Handles = readonly (NativeTensor | null)[]

interface Shapes {
  inputs: readonly (readonly number[])[]
  outputs: readonly (readonly number[])[]
}

function forwardContext(name: string, saved: Tensor[]): OpContext {
  return {
    save: (...tensors) => void saved.push(...tensors),
    get saved(): SavedTensors {
      throw new ArgumentError(`[${name}] ctx.saved is for backward; forward has ctx.save`)
    },
  }
}

// Everything is released with the scope but the handles returned.
function userGradients(op: OpDefinition<never, Result>, shapes: Shapes, gradients: Handles, saved: Handles): Handles {
  const { result } = runScope(`${op.name} backward`, () =>
    withGrad(false, () => {
      const arrived = gradients.map((handle, i) =>
        handle ? Tensor.wrap(handle.alias()) : zeros(shapes.outputs[i] ?? []),
      )
      const found = op.backward(backwardContext(op.name, saved), ...arrived)
      checkGradients(op.name, found, shapes.inputs)
      return found.map((gradient) => gradient?.native.alias() ?? null)
    }),
  )
  return result
}

function backwardContext(name: string, saved: Handles): OpContext {
  return {
    save: () => {
      throw new ArgumentError(`[${name}] ctx.save is for forward; backward has ctx.saved`)
    },
    saved: saved.map((handle) => Tensor.wrap((handle as NativeTensor).alias())) as unknown as SavedTensors,
  }
}

function checkGradients(name: string, found: readonly (Tensor | null)[], shapes: Shapes['inputs']): void {
  if (found.length !== shapes.length)
    throw new ArgumentError(
      `[${name}] expected ${shapes.length} gradients from backward, one for each input, got ${found.length}`,
    )
  found.forEach((gradient, i) => {
    const shape = shapes[i] ?? []
    if (gradient && !hasShape(gradient.shape, shape))
      throw new ArgumentError(
        `[${name}] expected shape ${shapeText(shape)} for gradient ${i + 1} from backward, got ${shapeText(gradient.shape)}`,
      )
  })
}

function recomputedGradients(
  fn: (...inputs: readonly Tensor[]) => Result,
  requiresGrad: readonly boolean[],
  gradients: Handles,
  saved: Handles,
): Handles {
  return scope(() => {
    const inputs = saved.map((handle, i) => leafOf((handle as NativeTensor).alias(), requiresGrad[i] === true))
    const oldestId = nextNodeId()
    const outputs = withGrad(true, () => listOf(fn(...inputs)))
    const seeds = outputs.flatMap((output, i) => seedOf(output, gradients[i] ?? null))
    runBackward(seeds, oldestId)
    return inputs.map((input) => input.grad?.native.alias() ?? null)
  })
}

function leafOf(handle: NativeTensor, requiresGrad: boolean): Tensor {
  const leaf = Tensor.wrap(handle)
  return requiresGrad ? leaf.collectGradient() : leaf
}

function seedOf({ sink }: Tensor, gradient: NativeTensor | null): { output: NodeOutput; gradient: SharedHandle }[] {
  if (!sink || !gradient) return []
  const handle = new SharedHandle(gradient.alias(), true)
  if (sink instanceof NodeOutput) return [{ output: sink, gradient: handle }]
  sink.addGradient(handle)
  return []
}

// Results are tensors of their own, even where fn returns an input.
function runUnrecorded<Output extends Result>(name: string, fn: () => Output): Output {
  const { result, kept } = runScope(name, () => withGrad(false, fn))
  for (const member of kept) track(member)
  const own = (tensor: Tensor) => (kept.has(tensor) ? tensor : tensor.detach())
  return (result instanceof Tensor ? own(result) : result.map(own)) as Output
}

interface Attachment {
  name: string
  inputs: readonly Tensor[]
  saved: readonly Tensor[]
  backward: Backward
}

function attach(output: Result, { name, inputs, saved, backward }: Attachment): void {
  const outputs = listOf(output)
  const node = new TapeNode({
    name,
    inputs: inputs.map((input) => input.sink),
    saved: saved.map((tensor) => tensor.handle.retain()),
    numOutputs: outputs.length,
    backward,
    isView: true,
  })
  outputs.forEach((tensor, i) => {
    tensor.attach(node.outputs[i] as NodeOutput)
  })
}

const listOf = (result: Result): readonly Tensor[] => (result instanceof Tensor ? [result] : result)

const shapesOf = (tensors: readonly Tensor[]): (readonly number[])[] => tensors.map((tensor) => tensor.shape)
