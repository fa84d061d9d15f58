// Derivatives for users: noGrad, ops of their own with a gradient, and recomputation instead of memory.
import { kindOf, requireFunctions, requireObjects, requireStrings } from './arguments.js'
import { zeros } from './create.js'
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
import { runScope } from './scope.js'
import { type Backward, gradientMark, gradMode, type SavedHandle, save, withGradMode } from './tape.js'
import { Tensor } from './tensor.js'
import { hasShape, shapeText } from './tensor-data.js'

export { checkpoint } from './checkpoint.js'
export { noGrad } from './tape.js'

/** What forward saved; the named places spare the reader a check for undefined. */
export interface SavedTensors extends ReadonlyArray<Tensor> {
  /** The first tensor that forward saved. */
  readonly 0: Tensor
  /** The second tensor that forward saved. */
  readonly 1: Tensor
  /** The third tensor that forward saved. */
  readonly 2: Tensor
  /** The fourth tensor that forward saved. */
  readonly 3: Tensor
  /** The fifth tensor that forward saved. */
  readonly 4: Tensor
  /** The sixth tensor that forward saved. */
  readonly 5: Tensor
}

/** What forward hands to backward. */
export interface OpContext {
  /**
   * In forward: keeps tensors for backward. Overwriting them in between is an error.
   *
   * @throws {@link ArgumentError} in backward
   */
  save(...tensors: Tensor[]): void
  /**
   * In backward: what forward saved, in that order.
   *
   * @throws {@link ArgumentError} in forward
   */
  readonly saved: SavedTensors
}

/** An op of one's own: its value, and what its gradient is. */
export interface OpDefinition<Inputs extends readonly Tensor[], Output extends Result> {
  /** For messages. */
  name: string
  /** The value: a tensor, or several, of ops on the inputs. Synchronous. f32 and bf16 results have gradients. */
  forward(ctx: OpContext, ...inputs: Inputs): Output
  /**
   * From the gradient of each output, in that order and zeros where none arrived, that of each input, of its shape; null where
   * there is none. Synchronous.
   */
  backward(ctx: OpContext, ...gradients: Tensor[]): readonly (Tensor | null)[]
}

/**
 * An op with a gradient of its own. Neither function is recorded; what they make in between is disposed. A result that is an
 * input is a view of it, with a history of its own.
 *
 * @throws {@link ArgumentError} without a name or one of the functions; from the op where inputs or results are no tensors or
 * forward returns a promise; from backward() for another number of gradients than inputs, or a gradient of another shape
 *
 * @example
 * ```ts
 * import { defineOp, ops, type Tensor } from 'lengthen'
 *
 * const cube = defineOp({
 *   name: 'cube',
 *   forward(ctx, x: Tensor) {
 *     ctx.save(x)
 *     return ops.mul(ops.square(x), x)
 *   },
 *   backward: (ctx, dy) => [ops.mul(dy, ops.mul(ops.square(ctx.saved[0]), 3))],
 * })
 * ```
 */
export function defineOp<Inputs extends readonly Tensor[], Output extends Result>(
  op: OpDefinition<Inputs, Output>,
): (...inputs: Inputs) => Output {
  requireObjects('defineOp', { op })
  requireStrings('defineOp', { name: op.name })
  requireFunctions(op.name, { forward: op.forward, backward: op.backward })
  return (...inputs) => {
    requireTensors(op.name, { from: 'as inputs', values: inputs })
    const saved: SavedHandle[] = []
    const output = runForward(op, saved, inputs)
    const outputs = listOf(output).map((tensor) => (hasGradient(tensor) ? tensor : null))
    const mode = inputs.some((input) => input.requiresGrad) && outputs.some(Boolean) ? gradMode() : 'off'
    if (mode === 'record')
      attachNode(outputs, { name: op.name, inputs, saved, backward: backwardOf(op, inputs, output) })
    else release(saved)
    if (mode === 'mark') for (const tensor of outputs) tensor?.attach(gradientMark)
    return output
  }
}

interface Shapes {
  inputs: readonly (readonly number[])[]
  outputs: readonly (readonly number[])[]
}

// Results are tensors of their own, even where forward returns an input.
function runForward<Inputs extends readonly Tensor[], Output extends Result>(
  op: OpDefinition<Inputs, Output>,
  saved: SavedHandle[],
  inputs: Inputs,
): Output {
  const forward = () => op.forward(forwardContext(op.name, saved), ...inputs)
  try {
    const { result, kept } = runScope(op.name, () =>
      requireResult(op.name, { from: 'from forward', result: withGradMode('off', forward) }),
    )
    trackAll(kept)
    const own = (tensor: Tensor) => (kept.has(tensor) ? tensor : tensor.detach())
    return (result instanceof Tensor ? own(result) : result.map(own)) as Output
  } catch (error) {
    release(saved)
    throw error
  }
}

const hasGradient = ({ dtype }: Tensor): boolean => dtype === 'f32' || dtype === 'bf16'

function release(saved: readonly SavedHandle[]): void {
  for (const { handle } of saved) handle.release()
}

function forwardContext(name: string, saved: SavedHandle[]): OpContext {
  return {
    save: (...tensors) => {
      requireTensors(name, { from: 'for ctx.save', values: tensors })
      saved.push(...tensors.map((tensor) => save(tensor.handle.retain())))
    },
    get saved(): SavedTensors {
      throw new ArgumentError(`[${name}] ctx.saved is for backward; forward has ctx.save`)
    },
  }
}

function backwardOf(op: OpDefinition<never, Result>, inputs: readonly Tensor[], output: Result): Backward {
  const shapes = { inputs: shapesOf(inputs), outputs: shapesOf(listOf(output)) }
  return (gradients, saved) => userGradients(op, shapes, gradients, saved)
}

// Everything is released with the scope but the handles returned.
function userGradients(op: OpDefinition<never, Result>, shapes: Shapes, gradients: Handles, saved: Handles): Handles {
  const { result } = runScope(`${op.name} backward`, () =>
    withGradMode('off', () => {
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
  if (!Array.isArray(found))
    throw new ArgumentError(`[${name}] expected an array of gradients from backward, got ${kindOf(found)}`)
  if (found.length !== shapes.length)
    throw new ArgumentError(
      `[${name}] expected ${shapes.length} gradients from backward, one for each input, got ${found.length}`,
    )
  found.forEach((gradient, i) => {
    const shape = shapes[i] ?? []
    if (gradient) requireTensors(name, { from: 'or null from backward', values: [gradient] })
    if (gradient && !hasShape(gradient.shape, shape))
      throw new ArgumentError(
        `[${name}] expected shape ${shapeText(shape)} for gradient ${i + 1} from backward, got ${shapeText(gradient.shape)}`,
      )
  })
}

const shapesOf = (tensors: readonly Tensor[]): (readonly number[])[] => tensors.map((tensor) => tensor.shape)
