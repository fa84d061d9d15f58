// Numbers in JavaScript to the bytes of a dtype, and back. Typed arrays are told by node:util's tests, since those of
// another context are instances of other classes.

import { types } from 'node:util'
import { kindOf, requireArrays } from './arguments.js'
import { ArgumentError } from './errors.js'
import { bf16ToF32, f32ToBf16 } from './io/half.js'
import type { DType } from './native.js'

/** Numbers side by side. Float64Array is rounded to float32. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array
/** A number, nested arrays of numbers (all rows of equal length), or a typed array. */
export type TensorData = number | TypedArray | readonly TensorData[]

type NativeArray = Float32Array | Int32Array | Uint8Array | Uint16Array

export interface TypedData {
  values: NativeArray
  shape: number[]
}

/** Bytes of an element. */
export const elementBytes: Readonly<Record<DType, number>> = { f32: 4, bf16: 2, i32: 4, u8: 1 }

/** The values as an array of the dtype's own elements, in row-major order, with the shape of the nesting. */
export function toTypedArray(data: TensorData, dtype: DType): TypedData {
  if (typeof data === 'number') return { values: convert([data], dtype), shape: [] }
  if (ArrayBuffer.isView(data))
    return { values: convert(data as TypedArray, dtype), shape: [(data as TypedArray).length] }
  requireArrays('tensor', { data })
  const shape = nestedShape(data)
  const flat = shape.length === 1 ? requireFlat(data, shape) : flatten(data, shape)
  return { values: convert(flat, dtype), shape }
}

/** The dtype that data has of itself; plain numbers are f32. */
export function dtypeOf(data: TensorData): DType {
  if (types.isInt32Array(data)) return 'i32'
  return types.isUint8Array(data) ? 'u8' : 'f32'
}

export function fromBytes(bytes: ArrayBuffer, dtype: DType): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'f32') return new Float32Array(bytes)
  if (dtype === 'i32') return new Int32Array(bytes)
  return dtype === 'u8' ? new Uint8Array(bytes) : bf16ToF32(new Uint16Array(bytes))
}

export function numElements(shape: readonly number[]): number {
  let product = 1
  for (const extent of shape) product *= extent
  return product
}

export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`

export const hasShape = (actual: readonly number[], expected: readonly number[]): boolean =>
  actual.length === expected.length && actual.every((extent, i) => extent === expected[i])

function convert(values: ArrayLike<number>, dtype: DType): NativeArray {
  if (dtype === 'i32')
    return types.isInt32Array(values) ? values : Int32Array.from(values, wholeNumber(dtype, -(2 ** 31), 2 ** 31 - 1))
  if (dtype === 'u8') return types.isUint8Array(values) ? values : Uint8Array.from(values, wholeNumber(dtype, 0, 255))
  const floats = types.isFloat32Array(values) ? values : Float32Array.from(values)
  return dtype === 'bf16' ? f32ToBf16(floats) : floats
}

function wholeNumber(dtype: DType, low: number, high: number): (value: number) => number {
  return (value) => {
    if (Number.isInteger(value) && value >= low && value <= high) return value
    throw new ArgumentError(`[tensor] expected whole numbers from ${low} to ${high} for ${dtype}, got ${value}`)
  }
}

function nestedShape(data: readonly TensorData[]): number[] {
  const shape = [data.length]
  const first = data[0]
  if (!Array.isArray(first) && !ArrayBuffer.isView(first)) return shape
  if (ArrayBuffer.isView(first)) return [...shape, (first as TypedArray).length]
  return [...shape, ...nestedShape(first as readonly TensorData[])]
}

/** A list of numbers as it is: nothing is copied. */
function requireFlat(data: readonly TensorData[], shape: readonly number[]): number[] {
  for (const value of data) if (typeof value !== 'number') flatten(data, shape)
  return data as number[]
}

function flatten(data: TensorData, shape: readonly number[], into: number[] = [], depth = 0): number[] {
  if (typeof data === 'number' && depth === shape.length) into.push(data)
  else if (Array.isArray(data) || ArrayBuffer.isView(data)) {
    if (data.length !== shape[depth]) throw ragged(shape)
    for (const part of data) flatten(part, shape, into, depth + 1)
  } else if (typeof data === 'number') throw ragged(shape)
  else throw new ArgumentError(`[tensor] expected numbers or arrays of them for data, got ${kindOf(data)} among them`)
  return into
}

const ragged = (shape: readonly number[]): ArgumentError =>
  new ArgumentError(`[tensor] expected rows of equal length, as in ${shapeText(shape)}, got ragged arrays`)
