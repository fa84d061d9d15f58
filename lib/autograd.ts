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

// Results are tensors of their own, even where fn returns an input.
function runUnrecorded<Output extends Result>(name: string, fn: () => Output): Output {
  const { result, kept } = runScope(name, () => withGrad(false, fn))
  for (const member of kept) track(member)
  const own = (tensor: Tensor) => (kept.has(tensor) ? tensor : tensor.detach())
  return (result instanceof Tensor ? own(result) : result.map(own)) as Output
}

const shapesOf = (tensors: readonly Tensor[]): (readonly number[])[] => tensors.map((tensor) => tensor.shape)
