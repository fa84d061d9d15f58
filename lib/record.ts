// Results of native ops as tensors, recorded for backward where an input requires a gradient.
import type { NativeTensor } from './native.js'
import { SharedHandle } from './shared-handle.js'
import { type Backward, gradientMark, gradMode, type NodeOutput, type SavedHandle, save, TapeNode } from './tape.js'
// tensor.ts imports this file too, for its views; neither uses the other before both are loaded.
import { Tensor } from './tensor.js'

type SavedInput = Tensor | NativeTensor | null

type SavedNative<Saved> = { [K in keyof Saved]: null extends Saved[K] ? NativeTensor | null : NativeTensor }

interface RecordedOp<Saved extends readonly SavedInput[], Gradients> {
  name: string
  inputs: readonly (Tensor | null)[]
  /** What backward needs: inputs, outputs, and native results of the op that nobody else sees (taken over). */
  saved: Saved
  /** From the gradients of the outputs and the saved tensors, those of the inputs that need one: see tape.ts. */
  backward: (
    gradients: Gradients,
    saved: SavedNative<Saved>,
    needs: readonly boolean[],
  ) => readonly (NativeTensor | null)[]
  isView?: boolean
}

/** An op's result as a tensor, recorded for backward where an input requires it. */
export function record<const Saved extends readonly SavedInput[]>(
  output: NativeTensor,
  op: RecordedOp<Saved, NativeTensor>,
): Tensor {
  const { backward } = op
  const many: RecordedOp<Saved, readonly (NativeTensor | null)[]> = {
    ...op,
    backward: ([dy], saved, needs) => backward(dy as NativeTensor, saved, needs),
  }
  return recordMany([output], many)[0] as Tensor
}

/** record() for several results; the gradient of one that nothing depends on is null. */
export function recordMany<const Saved extends readonly SavedInput[]>(
  outputs: readonly NativeTensor[],
  op: RecordedOp<Saved, readonly (NativeTensor | null)[]>,
): Tensor[] {
  const results = outputs.map((output) => Tensor.wrap(output))
  const mode = op.inputs.some((input) => input?.requiresGrad) ? gradMode() : 'off'
  if (mode === 'record')
    attachNode(
      results,
      op,
      op.saved.map((value) => holdSaved(value, results)),
    )
  else for (const value of op.saved) if (isPrivate(value, outputs)) value.dispose()
  if (mode === 'mark') for (const result of results) result.attach(gradientMark)
  return results
}

function isPrivate(value: SavedInput, outputs: readonly NativeTensor[]): value is NativeTensor {
  return value !== null && !(value instanceof Tensor) && !outputs.includes(value)
}

function attachNode<Saved extends readonly SavedInput[]>(
  results: readonly Tensor[],
  op: RecordedOp<Saved, readonly (NativeTensor | null)[]>,
  saved: readonly (SavedHandle | null)[],
): void {
  const node = new TapeNode({
    name: op.name,
    inputs: op.inputs.map((input) => input?.sink ?? null),
    saved,
    numOutputs: results.length,
    backward: op.backward as unknown as Backward,
    isView: op.isView ?? false,
  })
  results.forEach((result, i) => {
    result.attach(node.outputs[i] as NodeOutput)
  })
}

function holdSaved(value: SavedInput, results: readonly Tensor[]): SavedHandle | null {
  if (value === null) return null
  if (value instanceof Tensor) return save(value.handle.retain())
  const result = results.find((candidate) => candidate.native === value)
  return save(result ? result.handle.retain() : new SharedHandle(value))
}
