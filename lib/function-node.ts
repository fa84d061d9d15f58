// A user's function as one node of the tape: what may go in and come out, and how its results are attached.
import { kindOf } from './arguments.js'
import { ArgumentError } from './errors.js'
import type { NativeTensor } from './native.js'
import { rejectPromise, type ScopeMember, track } from './scope.js'
import { type Backward, type NodeOutput, type SavedHandle, TapeNode } from './tape.js'
import { Tensor } from './tensor.js'

/** What a user's function gives: a tensor, or several. */
export type Result = Tensor | readonly Tensor[]

/** Of tensors, or of their gradients; null where there is none. */
export type Handles = readonly (NativeTensor | null)[]

export const listOf = (result: Result): readonly Tensor[] => (result instanceof Tensor ? [result] : result)

export function requireTensors(op: string, { from, values }: { from: string; values: readonly unknown[] }): void {
  for (const value of values)
    if (!(value instanceof Tensor)) throw new ArgumentError(`[${op}] expected tensors ${from}, got ${kindOf(value)}`)
}

export function requireResult<T>(op: string, { from, result }: { from: string; result: T }): T {
  rejectPromise(op, result)
  requireTensors(op, { from, values: Array.isArray(result) ? result : [result] })
  return result
}

/** Survivors of a function's scope belong to the scope around it. */
export function trackAll(members: Iterable<ScopeMember>): void {
  for (const member of members) track(member)
}

interface FunctionNode {
  name: string
  inputs: readonly Tensor[]
  /** Taken over. */
  saved: readonly SavedHandle[]
  backward: Backward
}

/** Makes the outputs results of one node; null where an output has no gradient. */
export function attachNode(outputs: readonly (Tensor | null)[], { name, inputs, saved, backward }: FunctionNode): void {
  const node = new TapeNode({
    name,
    inputs: inputs.map((input) => input.sink),
    saved,
    numOutputs: outputs.length,
    backward,
    isView: true,
  })
  outputs.forEach((tensor, i) => {
    tensor?.attach(node.outputs[i] as NodeOutput)
  })
}
