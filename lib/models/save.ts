// A decoder to a Hugging Face folder, such that Python's transformers loads it and a reader never finds half of one.
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { f32ToBf16 } from '../io/half.js'
import { type TensorToWrite, writeSafetensors } from '../io/safetensors-write.js'
import { withTemporary } from '../io/temporary.js'
import { writeFileAtomically } from '../io/write-file.js'
import type { Tensor } from '../tensor.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { Decoder } from './decoder.js'
import { familyOf } from './families/index.js'
import { weightsOf } from './load.js'

export interface SaveParts {
  model: Decoder
  tokenizer?: Tokenizer
  /** Looked at before every tensor; what was there before the save stays. */
  signal?: AbortSignal | undefined
}

/** Writes config.json, model.safetensors and the tokenizer's files. In a folder that exists, each file is replaced whole. */
export async function saveModel(folder: string, parts: SaveParts): Promise<void> {
  if (await exists(folder)) return writeFiles(folder, parts)
  const target = resolve(folder)
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  await withTemporary(temporary, async () => {
    await mkdir(temporary, { recursive: true })
    await writeFiles(temporary, parts)
    await rename(temporary, target)
  })
}

async function writeFiles(folder: string, { model, tokenizer, signal }: SaveParts): Promise<void> {
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    [...weightsOf(model)].map(([name, parameter]) => [name, toWrite(parameter, signal)] as const),
  )
  await removeShards(folder)
  await writeJson(join(folder, 'config.json'), configOf(model))
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

function toWrite(parameter: Tensor, signal: AbortSignal | undefined): TensorToWrite {
  const { shape } = parameter
  const values = async () => {
    signal?.throwIfAborted()
    return (await parameter.toArray()) as Float32Array
  }
  return parameter.dtype === 'bf16'
    ? { dtype: 'BF16', shape, data: async () => f32ToBf16(await values()) }
    : { dtype: 'F32', shape, data: values }
}

// An index of an earlier model would be read instead of the new file.
async function removeShards(folder: string): Promise<void> {
  await rm(join(folder, 'model.safetensors.index.json'), { force: true })
  const shards = (await readdir(folder)).filter((name) => /^model-\d+-of-\d+\.safetensors$/.test(name))
  for (const name of shards) await rm(join(folder, name))
}

const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`)

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
