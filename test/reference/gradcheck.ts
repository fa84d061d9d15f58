// Gradients against central differences of a float64 loss. The op runs in float32, so the loss is Σ w·y with fixed weights w,
// summed in float64, and steps are powers of two large enough to stand out from rounding.
import { expect } from 'vitest'
import { noGrad, ops, type Tensor, tensor } from '../../lib/index.js'
import { RandomStream } from '../../lib/random.js'

export interface GradcheckOptions {
  step?: number
  /** Of max |analytic − numeric| / max |numeric|, per input. */
  tolerance?: number
}

/** Values in [low, high), fixed by the name. */
export function randomValues(name: string, count: number, { low = -1, high = 1 } = {}): Float32Array {
  const random = new RandomStream(7, name)
  return Float32Array.from({ length: count }, () => low + (high - low) * random.uniform())
}

export function randomTensor(name: string, shape: number[], range: { low?: number; high?: number } = {}): Tensor {
  const count = shape.reduce((product, extent) => product * extent, 1)
  return tensor(randomValues(name, count, range), { shape, requiresGrad: true })
}

/** Checks the gradient of fn at the inputs, for every element of those that require one. */
export async function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: Tensor[],
  { step = 2 ** -7, tolerance = 2e-3 }: GradcheckOptions = {},
): Promise<void> {
  const weighted = weightedSum(fn)
  for (const input of inputs) input.grad = null
  weighted.backward(inputs)
  for (const [i, input] of inputs.entries()) {
    if (!input.requiresGrad) continue
    const analytic = input.grad ? await input.grad.toArray() : new Float32Array(input.numElements)
    const numeric = await centralDifferences(input, step, () => weighted.value(inputs))
    const message = `input ${i}: got ${analytic.slice(0, 6)}, expected ${numeric.slice(0, 6)}`
    expect(relativeError(analytic, numeric), message).toBeLessThan(tolerance)
  }
}

/** max |a − b| / max |b|; NaN where either has one. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  let difference = 0
  let largest = 0
  for (let i = 0; i < b.length; i++) {
    if (Number.isNaN(a[i]) || Number.isNaN(b[i])) return Number.NaN
    difference = Math.max(difference, Math.abs((a[i] as number) - (b[i] as number)))
    largest = Math.max(largest, Math.abs(b[i] as number))
  }
  return largest === 0 ? difference : difference / largest
}

// Σ w·y over all outputs: its gradient by the tape, its value in float64.
function weightedSum(fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[]) {
  const weightsOf = (output: Tensor, i: number) => randomValues(`weights ${i}`, output.numElements)
  return {
    backward(inputs: Tensor[]): void {
      const outputs = listOf(fn(...inputs))
      const parts = outputs.map((output, i) =>
        ops.sum(ops.mul(output, tensor(weightsOf(output, i), { shape: output.shape }))),
      )
      parts.reduce((sum, part) => ops.add(sum, part)).backward()
    },
    async value(inputs: Tensor[]): Promise<number> {
      const outputs = noGrad(() => listOf(fn(...inputs)))
      const results = await Promise.all(outputs.map((output) => output.toArray()))
      return results.reduce((sum, result, i) => sum + dot(result, weightsOf(outputs[i] as Tensor, i)), 0)
    },
  }
}

async function centralDifferences(input: Tensor, step: number, value: () => Promise<number>): Promise<Float64Array> {
  const at = Float32Array.from(await input.toArray())
  const result = new Float64Array(at.length)
  for (let i = 0; i < at.length; i++) {
    const shifted = async (by: number) => {
      input.write(at.with(i, (at[i] as number) + by))
      return value()
    }
    result[i] = ((await shifted(step)) - (await shifted(-step))) / (2 * step)
  }
  input.write(at)
  return result
}

const dot = (a: ArrayLike<number>, b: Float32Array): number => b.reduce((sum, w, i) => sum + w * (a[i] as number), 0)

const listOf = (result: Tensor | readonly Tensor[]): readonly Tensor[] =>
  Array.isArray(result) ? result : [result as Tensor]
