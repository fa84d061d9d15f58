// The header of a safetensors file: 8 bytes of length, then JSON that names each tensor's dtype, shape and byte range.
// Everything is checked here, before any tensor's data is touched.
import { FileFormatError } from '../errors.js'
import { parseJson } from './json.js'

export const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const

export type SafetensorsDtype = keyof typeof elementBytes

export interface TensorInfo {
  dtype: SafetensorsDtype
  shape: number[]
  /** Bytes from the start of the data, not of the file. */
  begin: number
  end: number
}

export interface SafetensorsHeader {
  tensors: Map<string, TensorInfo>
  metadata: Record<string, string>
}

/** As the reference implementation: more is an attack or a mistake. */
const maxHeaderBytes = 100_000_000

/** Length of the JSON, from the first 8 bytes of the file. */
export function headerBytes(prefix: Uint8Array, file: string, fileBytes: number): number {
  const at = { file, place: 'header length' }
  if (fileBytes < 8) throw new FileFormatError(at, `expected at least 8 bytes, the file has ${fileBytes}`)
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true)
  if (length > maxHeaderBytes) throw new FileFormatError(at, `expected at most ${maxHeaderBytes}, got ${length}`)
  if (Number(length) > fileBytes - 8) {
    throw new FileFormatError(at, `${length} bytes run past the end of the file, which has ${fileBytes}`)
  }
  return Number(length)
}

/** The checked header; `dataBytes` is what the file holds after it. */
export function parseHeader(json: Uint8Array, file: string, dataBytes: number): SafetensorsHeader {
  const { __metadata__: metadata, ...entries } = parseObject(json, file)
  const tensors = new Map<string, TensorInfo>()
  for (const [name, entry] of Object.entries(entries)) tensors.set(name, checkTensor(entry, name, { file, dataBytes }))
  checkCoverage(tensors, { file, dataBytes })
  return { tensors, metadata: checkMetadata(metadata, file) }
}

interface Context {
  file: string
  dataBytes: number
}

function parseObject(json: Uint8Array, file: string): Record<string, unknown> {
  const at = { file, place: 'header' }
  const value = parseJson(decodeText(json, at), at)
  if (isObject(value)) return value
  throw new FileFormatError(at, 'expected a JSON object')
}

function decodeText(bytes: Uint8Array, at: { file: string; place: string }): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new FileFormatError(at, 'not JSON: expected UTF-8 text', { cause })
  }
}

function checkMetadata(metadata: unknown, file: string): Record<string, string> {
  if (metadata === undefined) return {}
  if (isObject(metadata) && Object.values(metadata).every((value) => typeof value === 'string')) {
    return metadata as Record<string, string>
  }
  throw new FileFormatError({ file, place: '__metadata__' }, 'expected an object of strings')
}

function checkTensor(entry: unknown, name: string, { file, dataBytes }: Context): TensorInfo {
  const fail = (message: string): never => {
    throw new FileFormatError({ file, place: `tensor ${JSON.stringify(name)}` }, message)
  }
  if (!isObject(entry)) return fail('expected an object with dtype, shape and data_offsets')
  const { dtype, shape, data_offsets: offsets } = entry
  if (!isDtype(dtype)) return fail(`expected a dtype of ${Object.keys(elementBytes).join(', ')}, got ${show(dtype)}`)
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    return fail(`expected a shape of non-negative integers, got ${show(shape)}`)
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return fail(`expected data_offsets of two non-negative integers, got ${show(offsets)}`)
  }
  const [begin, end] = offsets as [number, number]
  if (begin > end) return fail(`data_offsets ${show(offsets)} end before they begin`)
  if (end > dataBytes) return fail(`data_offsets ${show(offsets)} run past the data, which has ${dataBytes} bytes`)
  // In BigInt: a product of sizes may lie beyond what a double counts exactly.
  const bytes = shape.reduce((product, size) => product * BigInt(size), BigInt(elementBytes[dtype]))
  if (bytes !== BigInt(end - begin)) {
    return fail(
      `${dtype} of shape ${show(shape)} takes ${bytes} bytes, data_offsets ${show(offsets)} hold ${end - begin}`,
    )
  }
  return { dtype, shape, begin, end }
}

// The ranges must tile the data: an overlap or a hole means that the header lies about something.
function checkCoverage(tensors: Map<string, TensorInfo>, { file, dataBytes }: Context): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)
  let covered = 0
  for (const [name, { begin, end }] of inOrder) {
    const place = `tensor ${JSON.stringify(name)}`
    if (begin < covered)
      throw new FileFormatError({ file, place }, `overlaps the tensor before it, which ends at ${covered}`)
    if (begin > covered)
      throw new FileFormatError({ file, place }, `begins at ${begin}, leaving a hole after ${covered}`)
    covered = end
  }
  if (covered === dataBytes) return
  throw new FileFormatError({ file, place: 'end of file' }, `${dataBytes - covered} bytes belong to no tensor`)
}

function isDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === 'string' && Object.hasOwn(elementBytes, value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100)
}
