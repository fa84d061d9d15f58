// Moments as a checkpoint holds them, checked as a whole before the first is taken over.
import { ArgumentError } from '../errors.js'
import type { DType } from '../native.js'
import type { Tensor } from '../tensor.js'
import { elementBytes, hasShape, numElements, shapeText } from '../tensor-data.js'
import { type MomentSpec, momentSpecs } from './moments.js'

/** A tensor's bytes as readBytes() gives them. */
export interface SavedTensor {
  shape: readonly number[]
  dtype: DType
  bytes: Uint8Array
}

export type MomentValues = Float32Array | Uint8Array

/** The parameters that a saved state has moments of, with these; an ArgumentError names what is unknown, missing or of another kind. */
export function savedMoments(
  parameters: readonly Tensor[],
  tensors: ReadonlyMap<string, SavedTensor>,
): Map<Tensor, Readonly<Record<string, SavedTensor>>> {
  const unknown = new Set(tensors.keys())
  const result = new Map<Tensor, Readonly<Record<string, SavedTensor>>>()
  for (const [index, parameter] of parameters.entries()) {
    const saved = savedOf(parameter, nameOf(parameter, index), tensors)
    if (!saved) continue
    for (const part of Object.keys(saved)) unknown.delete(`${nameOf(parameter, index)}.${part}`)
    result.set(parameter, saved)
  }
  if (unknown.size === 0) return result
  throw new ArgumentError(`[adamw] expected moments of this optimizer's parameters, got ${[...unknown].join(', ')}`)
}

/** Values under the shapes that this optimizer's moments have; such as fit none keep their length, and savedMoments() tells. */
export function withShapes(
  parameters: readonly Tensor[],
  tensors: ReadonlyMap<string, MomentValues>,
): Map<string, SavedTensor> {
  const shapes = new Map<string, readonly number[]>(
    parameters.flatMap((parameter, index) =>
      Object.entries(momentSpecs(parameter)).map(
        ([part, { shape }]) => [`${nameOf(parameter, index)}.${part}`, shape] as const,
      ),
    ),
  )
  return new Map([...tensors].map(([name, values]) => [name, withShape(values, shapes.get(name))]))
}

export const nameOf = (parameter: Tensor, index: number): string => parameter.name ?? `parameters.${index}`

/** Of one parameter; undefined where nothing is saved of it, as of one that never had a gradient. */
function savedOf(
  parameter: Tensor,
  name: string,
  tensors: ReadonlyMap<string, SavedTensor>,
): Record<string, SavedTensor> | undefined {
  const specs = Object.entries(momentSpecs(parameter))
  const missing = specs.filter(([part]) => !tensors.has(`${name}.${part}`)).map(([part]) => `${name}.${part}`)
  if (missing.length === specs.length) return undefined
  if (missing.length > 0)
    throw new ArgumentError(`[adamw] expected all moments of ${name}, got none as ${missing.join(', ')}`)
  return Object.fromEntries(
    specs.map(([part, spec]) => {
      const saved = tensors.get(`${name}.${part}`) as SavedTensor
      requireAlike(`${name}.${part}`, saved, spec)
      return [part, saved]
    }),
  )
}

function requireAlike(name: string, { shape, dtype, bytes }: SavedTensor, expected: MomentSpec): void {
  if (dtype !== expected.dtype || !hasShape(shape, expected.shape)) {
    const wanted = `${expected.dtype} ${shapeText(expected.shape)}`
    throw new ArgumentError(`[adamw] expected ${wanted} for ${name}, got ${dtype} ${shapeText(shape)}`)
  }
  const numBytes = numElements(shape) * elementBytes[dtype]
  if (bytes.length !== numBytes)
    throw new ArgumentError(`[adamw] expected ${numBytes} bytes for ${name}, got ${bytes.length}`)
}

function withShape(values: MomentValues, shape: readonly number[] | undefined): SavedTensor {
  return {
    shape: shape && numElements(shape) === values.length ? shape : [values.length],
    dtype: values instanceof Uint8Array ? 'u8' : 'f32',
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  }
}
