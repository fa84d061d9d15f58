// A decoder to a Hugging Face folder, such that Python's transformers loads it and a reader never finds half of one.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOptions, type OptionKeys, requireInstances, requireStrings } from '../arguments.js'
import { f32ToBf16 } from '../io/half.js'
import { type TensorToWrite, writeSafetensors } from '../io/safetensors-write.js'
import { writeFileAtomically } from '../io/write-file.js'
import { writeFolder } from '../io/write-folder.js'
import { written } from '../io/written.js'
import type { LoraAdapter } from '../nn/lora.js'
import type { Tensor } from '../tensor.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import { Decoder } from './decoder.js'
import { familyOf } from './families/index.js'
import { weightsOf } from './load.js'
import { writeAdapter } from './lora/adapter-folder.js'
import { adaptersByWeight, mergedWeight } from './lora/merge.js'

/** What is written, and how. */
export interface SaveParts {
  /** Weights are written in their own dtype, F32 or BF16. */
  model: Decoder
  /** Its files are written beside the model's. */
  tokenizer?: Tokenizer
  /** Looked at before every tensor; what was there before the save stays. */
  signal?: AbortSignal | undefined
  /**
   * Of a model with adapters: writes the whole model, each adapter added to its weight (in f32, then rounded to the weight's
   * dtype), and not the adapters alone.
   */
  merge?: boolean | undefined
  /** Of a model with adapters that are not merged: the base model's folder or name, for adapter_config.json. */
  base?: string | undefined
}

/**
 * Writes config.json, model.safetensors and the tokenizer's files, such that Python's transformers loads them; of a model with
 * adapters, the folder that saveAdapter() writes and the tokenizer's files, unless they are to be merged. A new folder is there
 * whole or not at all; in one that exists, each file is replaced whole, and shards of a model that was there go.
 *
 * @throws {@link ArgumentError} for a folder that is no text, a model that is no Decoder, or a part of another name
 * @throws {@link LengthenError} where the folder cannot be written: its `cause` is what the system said
 *
 * @example
 * ```ts
 * import { loadModel, saveModel } from 'lengthen'
 *
 * const { model, tokenizer } = await loadModel('models/qwen2.5-0.5b')
 * await saveModel('models/mine', { model, tokenizer })
 * ```
 */
export async function saveModel(folder: string, parts: SaveParts): Promise<void> {
  requireStrings('save', { folder })
  checkOptions('save', parts, partKeys, 'parts')
  requireInstances('save', Decoder, { model: parts.model })
  const isAdapterAlone = parts.model.lora !== null && !parts.merge
  await written(folder, () =>
    writeFolder(folder, async (folder) => {
      if (isAdapterAlone) await writeAdapter(folder, parts)
      else await writeWeights(folder, parts)
      await writeTokenizer(folder, parts)
    }),
  )
}

/** What a checkpoint needs beside weights to be loaded as a folder: config.json, unless adapters alone are saved, and the tokenizer's files. */
export async function writeModelFiles(folder: string, parts: SaveParts): Promise<void> {
  if (parts.model.lora === null) await writeJson(join(folder, 'config.json'), configOf(parts.model))
  await writeTokenizer(folder, parts)
}

async function writeWeights(folder: string, { model, signal }: SaveParts): Promise<void> {
  const adapters = adaptersByWeight(model)
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    [...weightsOf(model)].map(([name, weight]) => {
      const adapter = adapters.get(weight)
      return [name, toWrite(weight, adapter ? () => merged(weight, adapter) : () => valuesOf(weight), signal)] as const
    }),
  )
  await removeShards(folder)
  await writeJson(join(folder, 'config.json'), configOf(model))
}

async function writeTokenizer(folder: string, { tokenizer }: SaveParts): Promise<void> {
  if (!tokenizer) return
  await tokenizer.save(folder)
  await writeJson(join(folder, 'generation_config.json'), {
    eos_token_id: tokenizer.eosIds,
    pad_token_id: tokenizer.padId,
  })
}

// What config.json held when it was read, but for what was written: the class, and the dtype in the spelling it had.
function configOf({ json, config, head }: Decoder): Record<string, unknown> {
  const key = 'dtype' in json ? 'dtype' : 'torch_dtype'
  const { architecture } = familyOf(config)
  return { ...json, architectures: [architecture], [key]: head.dtype === 'bf16' ? 'bfloat16' : 'float32' }
}

function toWrite(
  { shape, dtype }: Tensor,
  read: () => Promise<Float32Array>,
  signal: AbortSignal | undefined,
): TensorToWrite {
  const values = async () => {
    signal?.throwIfAborted()
    return read()
  }
  return dtype === 'bf16'
    ? { dtype: 'BF16', shape, data: async () => f32ToBf16(await values()) }
    : { dtype: 'F32', shape, data: values }
}

const valuesOf = (weight: Tensor) => weight.toArray() as Promise<Float32Array>

async function merged(weight: Tensor, adapter: LoraAdapter): Promise<Float32Array> {
  using sum = mergedWeight(weight, adapter)
  return (await sum.toArray()) as Float32Array
}

// An index of an earlier model would be read instead of the new file.
async function removeShards(folder: string): Promise<void> {
  await rm(join(folder, 'model.safetensors.index.json'), { force: true })
  const shards = (await readdir(folder)).filter((name) => /^model-\d+-of-\d+\.safetensors$/.test(name))
  for (const name of shards) await rm(join(folder, name))
}

const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`)

const partKeys: OptionKeys<SaveParts> = { model: true, tokenizer: true, signal: true, merge: true, base: true }
