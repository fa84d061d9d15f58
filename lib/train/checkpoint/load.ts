// Reads a checkpoint back.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { FileFormatError } from '../../errors.js'
import { parseJson } from '../../io/json.js'
import { readTextFile } from '../../io/read-file.js'
import { SafetensorsFile } from '../../io/safetensors.js'
import type { DType } from '../../native.js'
import type { LoadedCheckpoint, StoredTensor } from './content.js'
import { readManifest } from './manifest.js'
import { fileDtypes } from './snapshot.js'

export const stateName = 'state.json'
export const tensorFile = (name: string): string => `${name}.safetensors`

/** Throws where a file is not as it was written. */
export async function loadCheckpoint(folder: string): Promise<LoadedCheckpoint> {
  const { step, score, lengthen: version } = await readManifest(folder, { isChecked: true })
  const path = join(folder, stateName)
  const state = parseJson(await readTextFile(path), { file: path })
  const tensors = (name: string) => readTensors(join(folder, tensorFile(name)))
  return { step, score: score ?? undefined, version, folder, state, tensors }
}

async function readTensors(path: string): Promise<ReadonlyMap<string, StoredTensor> | undefined> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (!isThere) return undefined
  const file = await SafetensorsFile.open(path)
  try {
    const stored = new Map<string, StoredTensor>()
    for (const name of file.names) {
      const { shape, dtype } = file.info(name)
      stored.set(name, { shape, dtype: dtypeOf(dtype, { file: path, place: name }), bytes: await file.readBytes(name) })
    }
    return stored
  } finally {
    await file.close()
  }
}

function dtypeOf(stored: string, at: { file: string; place: string }): DType {
  const found = Object.entries(fileDtypes).find(([, name]) => name === stored)
  if (found) return found[0] as DType
  throw new FileFormatError(at, `expected ${Object.values(fileDtypes).join(', ')}, got ${stored}`)
}
