// Moments as a checkpoint holds them, checked as a whole before the first is taken over.
import { ArgumentError } from '../errors.js'
import type { DType } from '../native.js'
import type { Tensor } from '../tensor.js'
import { elementBytes, hasShape, numElements, shapeText } from '../tensor-data.js'
import type { MomentSpec } from './moments.js'

/** A parameter, its name in a checkpoint, and the tensors that its moments are there. */
export interface ExpectedMoments {
  parameter: Tensor
  name: string
  specs: Readonly<Record<string, MomentSpec>>
}

/** A tensor as readBytes() gives it. */
export interface SavedTensor {
  /** Of the tensor; the moments of a parameter have its shape, scales are [number of blocks]. */
  shape: readonly number[]
  /** f32, or u8 for codes of 8 bits. */
  dtype: DType
  /** Row-major, in the byte order of the machine. */
  bytes: Uint8Array
}

/** Moments and scales in f32, or codes of 8 bits. */
export type MomentValues = Float32Array | Uint8Array

/** The parameters that a saved state has moments of, with these; an ArgumentError names what is unknown, missing or of another kind. */
export function savedMoments(
  expected: readonly ExpectedMoments[],
  tensors: ReadonlyMap<string, SavedTensor>,
): Map<Tensor, Readonly<Record<string, SavedTensor>>> {
  const unknown = new Set(tensors.keys())
  const result = new Map<Tensor, Readonly<Record<string, SavedTensor>>>()
  for (const one of expected) {
    const saved = savedOf(one, tensors)
    if (!saved) continue
    for (const part of Object.keys(saved)) unknown.delete(`${one.name}.${part}`)
    result.set(one.parameter, saved)
  }
  if (unknown.size === 0) return result
  throw new ArgumentError(`[adamw] expected moments of this optimizer's parameters, got ${[...unknown].join(', ')}`)
}

/** Values under the shapes that this optimizer's moments have; such as fit none keep their length, and savedMoments() tells. */
export function withShapes(
  expected: readonly ExpectedMoments[],
  tensors: ReadonlyMap<string, MomentValues>,
): Map<string, SavedTensor> {
  const shapes = new Map<string, readonly number[]>(
    expected.flatMap(({ name, specs }) =>
      Object.entries(specs).map(([part, { shape }]) => [`${name}.${part}`, shape] as const),
    ),
  )
  return new Map([...tensors].map(([name, values]) => [name, withShape(values, shapes.get(name))]))
}

/** Of one parameter; undefined where nothing is saved of it, as of one that never had a gradient. */
function savedOf(
  { name, specs }: ExpectedMoments,
  tensors: ReadonlyMap<string, SavedTensor>,
): Record<string, SavedTensor> | undefined {
  const parts = Object.entries(specs)
  const missing = parts.filter(([part]) => !tensors.has(`${name}.${part}`)).map(([part]) => `${name}.${part}`)
  if (missing.length === parts.length) return undefined
  if (missing.length > 0)
    throw new ArgumentError(`[adamw] expected all moments of ${name}, got none as ${missing.join(', ')}`)
  return Object.fromEntries(
    parts.map(([part, spec]) => {
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
