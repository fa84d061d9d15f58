// The weights of a Hugging Face folder: one model.safetensors, or the shards that model.safetensors.index.json names.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { FileFormatError } from '../errors.js'
import { resolveInside } from './inside-folder.js'
import { parseJson } from './json.js'
import { readTextFile } from './read-file.js'
import { SafetensorsFile, type TensorInfo, type TensorSource } from './safetensors.js'

export async function openSafetensorsFolder(folder: string): Promise<TensorSource> {
  const indexPath = join(folder, 'model.safetensors.index.json')
  if (await exists(indexPath)) return openShards(folder, indexPath)
  const path = join(folder, 'model.safetensors')
  if (await exists(path)) return SafetensorsFile.open(path)
  throw new FileFormatError(
    { file: folder },
    'expected model.safetensors or model.safetensors.index.json in the folder',
  )
}

class ShardedTensors implements TensorSource {
  readonly names: readonly string[]

  constructor(
    private readonly indexPath: string,
    private readonly fileOf: Map<string, SafetensorsFile>,
  ) {
    this.names = [...fileOf.keys()].sort()
  }

  has(name: string): boolean {
    return this.fileOf.has(name)
  }

  info(name: string): TensorInfo {
    return this.shard(name).info(name)
  }

  readBytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.shard(name).readBytes(name)
  }

  readF32(name: string): Promise<Float32Array> {
    return this.shard(name).readF32(name)
  }

  readBf16(name: string): Promise<Uint16Array> {
    return this.shard(name).readBf16(name)
  }

  async close(): Promise<void> {
    await closeAll(new Set(this.fileOf.values()))
  }

  private shard(name: string): SafetensorsFile {
    const file = this.fileOf.get(name)
    if (file !== undefined) return file
    throw new FileFormatError(
      { file: this.indexPath, place: `tensor ${JSON.stringify(name)}` },
      'no such tensor in the index',
    )
  }
}

async function openShards(folder: string, indexPath: string): Promise<TensorSource> {
  const weightMap = parseIndex(await readTextFile(indexPath), indexPath)
  const opened = new Map<string, SafetensorsFile>()
  try {
    const fileByName = new Map<string, SafetensorsFile>()
    for (const name of new Set(weightMap.values())) {
      // By path: x and ./x are one file, to be opened once.
      const path = await resolveInside(folder, name, indexPath)
      const file = opened.get(path) ?? (await SafetensorsFile.open(path))
      opened.set(path, file)
      fileByName.set(name, file)
    }
    const fileOf = new Map([...weightMap].map(([tensor, name]) => [tensor, fileByName.get(name) as SafetensorsFile]))
    for (const [tensor, file] of fileOf) file.info(tensor)
    return new ShardedTensors(indexPath, fileOf)
  } catch (error) {
    await closeAll(opened.values())
    throw error
  }
}

function parseIndex(text: string, file: string): Map<string, string> {
  const weightMap = (parseJson(text, { file }) as { weight_map?: unknown } | null)?.weight_map
  const isMap = typeof weightMap === 'object' && weightMap !== null && !Array.isArray(weightMap)
  if (!isMap || !Object.values(weightMap as object).every((name) => typeof name === 'string')) {
    throw new FileFormatError({ file, place: 'weight_map' }, 'expected an object of tensor names to file names')
  }
  return new Map(Object.entries(weightMap as Record<string, string>))
}

async function closeAll(files: Iterable<SafetensorsFile>): Promise<void> {
  for (const file of files) await file.close()
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
