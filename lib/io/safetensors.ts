// Reading safetensors, one tensor at a time: the header is checked as a whole on opening, data is read where it lies, so a
// file may be larger than memory.
import { constants } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { FileFormatError, UnsupportedError } from '../errors.js'
import { bf16ToF32, f16ToF32, f32ToBf16 } from './half.js'
import { regularFileBytes } from './read-file.js'
import {
  headerBytes,
  parseHeader,
  type SafetensorsDtype,
  type SafetensorsHeader,
  type TensorInfo,
} from './safetensors-header.js'

export type { SafetensorsDtype, TensorInfo } from './safetensors-header.js'

/** Tensors by name, from one file or from several. */
export interface TensorSource {
  /** Sorted. */
  readonly names: readonly string[]
  has(name: string): boolean
  info(name: string): TensorInfo
  /** The bytes as they lie in the file, in a buffer of their own. */
  readBytes(name: string): Promise<Uint8Array<ArrayBuffer>>
  /** F32, BF16 or F16, as float32. */
  readF32(name: string): Promise<Float32Array>
  /** BF16 as it is, F32 and F16 rounded to nearest even: raw bits. */
  readBf16(name: string): Promise<Uint16Array>
  close(): Promise<void>
}

export class SafetensorsFile implements TensorSource {
  readonly names: readonly string[]
  readonly metadata: Readonly<Record<string, string>>

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    private readonly header: SafetensorsHeader,
    private readonly dataStart: number,
  ) {
    this.names = [...header.tensors.keys()].sort()
    this.metadata = header.metadata
  }

  static async open(path: string): Promise<SafetensorsFile> {
    await regularFileBytes(path)
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const prefix = await readExactly(file, path, { position: 0, bytes: Math.min(8, size) })
      const length = headerBytes(prefix, path, size)
      const json = await readExactly(file, path, { position: 8, bytes: length })
      return new SafetensorsFile(path, file, parseHeader(json, path, size - 8 - length), 8 + length)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  has(name: string): boolean {
    return this.header.tensors.has(name)
  }

  info(name: string): TensorInfo {
    const info = this.header.tensors.get(name)
    if (info !== undefined) return info
    throw new FileFormatError(
      { file: this.path, place: `tensor ${JSON.stringify(name)}` },
      'no such tensor in the file',
    )
  }

  async readBytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const { begin, end } = this.info(name)
    return readExactly(this.file, this.path, { position: this.dataStart + begin, bytes: end - begin })
  }

  async readF32(name: string): Promise<Float32Array> {
    const { dtype } = this.requireFloat(name)
    const { buffer } = await this.readBytes(name)
    if (dtype === 'F32') return new Float32Array(buffer)
    return dtype === 'BF16' ? bf16ToF32(new Uint16Array(buffer)) : f16ToF32(new Uint16Array(buffer))
  }

  async readBf16(name: string): Promise<Uint16Array> {
    const { dtype } = this.requireFloat(name)
    return dtype === 'BF16' ? new Uint16Array((await this.readBytes(name)).buffer) : f32ToBf16(await this.readF32(name))
  }

  close(): Promise<void> {
    return this.file.close()
  }

  // Checked before the data is read.
  private requireFloat(name: string): TensorInfo {
    const info = this.info(name)
    if (isFloat(info.dtype)) return info
    throw new UnsupportedError(
      `${this.path}: expected F32, BF16 or F16 for tensor ${JSON.stringify(name)}, got ${info.dtype}`,
    )
  }
}

/** Whether readF32 and readBf16 take it. */
export const isFloat = (dtype: SafetensorsDtype): boolean => dtype === 'F32' || dtype === 'BF16' || dtype === 'F16'

// One system call reads at most about 2 GB.
const maxReadBytes = 2 ** 30

async function readExactly(
  file: FileHandle,
  path: string,
  at: { position: number; bytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  if (at.bytes > constants.MAX_LENGTH) {
    throw new UnsupportedError(
      `${path}: a tensor of ${at.bytes} bytes; this Node holds at most ${constants.MAX_LENGTH} in one buffer`,
    )
  }
  const target = new Uint8Array(at.bytes)
  let done = 0
  while (done < at.bytes) {
    const length = Math.min(maxReadBytes, at.bytes - done)
    const { bytesRead } = await file.read(target, done, length, at.position + done)
    if (bytesRead === 0) {
      throw new FileFormatError({ file: path, place: `byte ${at.position + done}` }, 'the file ended while it was read')
    }
    done += bytesRead
  }
  return target
}
