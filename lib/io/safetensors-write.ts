// Writing safetensors: the same tensors always give the same bytes, and a reader never sees half a file.
import { ArgumentError } from '../errors.js'
import { elementBytes, type SafetensorsDtype } from './safetensors-header.js'
import { writeFileAtomically } from './write-file.js'

export interface TensorToWrite {
  dtype: SafetensorsDtype
  shape: readonly number[]
  /** The data, or a function that fetches it when its turn comes, so that one tensor at a time is in memory. */
  data: ArrayBufferView | (() => Promise<ArrayBufferView>)
}

export async function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [string, TensorToWrite]>,
): Promise<void> {
  const inOrder = [...tensors].sort(byAlignmentThenName)
  await writeFileAtomically(path, async (file) => {
    await file.writeFile(encodeHeader(inOrder))
    for (const [name, tensor] of inOrder) {
      const data = typeof tensor.data === 'function' ? await tensor.data() : tensor.data
      checkSize(name, tensor, data)
      await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    }
  })
}

function encodeHeader(tensors: (readonly [string, TensorToWrite])[]): Uint8Array {
  const entries: [string, object][] = [['__metadata__', { format: 'pt' }]]
  let offset = 0
  for (const [name, tensor] of tensors) {
    const end = offset + numBytes(tensor)
    entries.push([name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, end] }])
    offset = end
  }
  const json = new TextEncoder().encode(toJson(entries))
  const length = Math.ceil(json.length / 8) * 8
  const header = new Uint8Array(8 + length).fill(0x20) // Padded with spaces, so that data begins at a multiple of 8.
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true)
  header.set(json, 8)
  return header
}

// By hand: an object would move names that look like integers to the front, and hide a duplicate.
function toJson(entries: [string, object][]): string {
  const names = new Set(entries.map(([name]) => name))
  if (names.size !== entries.length)
    throw new ArgumentError('[safetensors] expected every tensor to have a name of its own')
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

// Wide elements first keeps every tensor aligned to its element.
function byAlignmentThenName(
  [nameA, a]: readonly [string, TensorToWrite],
  [nameB, b]: readonly [string, TensorToWrite],
): number {
  return elementBytes[b.dtype] - elementBytes[a.dtype] || (nameA < nameB ? -1 : 1)
}

function checkSize(name: string, tensor: TensorToWrite, data: ArrayBufferView): void {
  if (data.byteLength === numBytes(tensor)) return
  const expected = `${numBytes(tensor)} bytes for tensor ${JSON.stringify(name)}, ${tensor.dtype} [${tensor.shape.join(', ')}]`
  throw new ArgumentError(`[safetensors] expected ${expected}, got ${data.byteLength}`)
}

function numBytes({ dtype, shape }: TensorToWrite): number {
  return shape.reduce((product, size) => product * size, elementBytes[dtype])
}
