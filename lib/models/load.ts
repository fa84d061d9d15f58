// A decoder from a Hugging Face folder.
import { join } from 'node:path'
import { FileFormatError } from '../errors.js'
import { readTextFile } from '../io/read-file.js'
import type { TensorSource } from '../io/safetensors.js'
import { openSafetensorsFolder } from '../io/safetensors-folder.js'
import { emptyInit } from '../nn/init.js'
import type { Tensor, TensorOptions } from '../tensor.js'
import { hasShape, shapeText } from '../tensor-data.js'
import { Tokenizer } from '../tokenizer/tokenizer.js'
import { Decoder } from './decoder.js'
import { parseDecoderConfig } from './decoder-config.js'
import { familyOf } from './families/index.js'
import { checkpointName } from './weight-names.js'

export type LoadOptions = Pick<TensorOptions, 'dtype' | 'device'>

/** Model and tokenizer of a folder: config.json, one or many safetensors, tokenizer.json, tokenizer_config.json. */
export async function loadModel(
  folder: string,
  options: LoadOptions = {},
): Promise<{ model: Decoder; tokenizer: Tokenizer }> {
  const tokenizer = await Tokenizer.load(folder)
  return { model: await loadDecoder(folder, options), tokenizer }
}

/** The model alone. Weights are converted to the dtype asked for. */
export async function loadDecoder(
  folder: string,
  { dtype = 'f32', device = 'cpu' }: LoadOptions = {},
): Promise<Decoder> {
  const configFile = join(folder, 'config.json')
  const { config, json } = parseDecoderConfig(await readTextFile(configFile), configFile)
  const source = await openSafetensorsFolder(folder)
  try {
    const model = new Decoder(config, { init: emptyInit({ dtype, device }), json })
    const weights = weightsOf(model)
    checkNames(folder, weights, source)
    for (const [name, parameter] of weights) checkShape(folder, { name, parameter, source })
    for (const [name, parameter] of weights) parameter.native.write(await readWeight(name, parameter, source))
    return model
  } finally {
    await source.close()
  }
}

/** Each parameter by its name in a checkpoint; a tied head is not there. */
export function weightsOf(model: Decoder): Map<string, Tensor> {
  const named = model.namedParameters()
  if (model.config.isHeadTied) named.delete('head')
  const family = familyOf(model.config)
  return new Map([...named].map(([path, parameter]) => [checkpointName(path, family), parameter]))
}

function checkNames(folder: string, weights: ReadonlyMap<string, Tensor>, source: TensorSource): void {
  const missing = [...weights.keys()].filter((name) => !source.has(name))
  if (missing.length > 0) throw new FileFormatError({ file: folder }, `lacks ${listText(missing)}`)
  const unexpected = source.names.filter((name) => !weights.has(name) && !isHarmless(name))
  if (unexpected.length > 0)
    throw new FileFormatError({ file: folder }, `holds what the model has no place for: ${listText(unexpected)}`)
}

// A tied head may be stored once more, and old checkpoints hold the rotary frequencies.
const isHarmless = (name: string): boolean => name === 'lm_head.weight' || name.endsWith('.rotary_emb.inv_freq')

function checkShape(
  folder: string,
  { name, parameter, source }: { name: string; parameter: Tensor; source: TensorSource },
): void {
  const { shape } = source.info(name)
  if (hasShape(shape, parameter.shape)) return
  const expected = `expected ${shapeText(parameter.shape)}, as config.json says, got ${shapeText(shape)}`
  throw new FileFormatError({ file: folder, place: `tensor ${JSON.stringify(name)}` }, expected)
}

const readWeight = (name: string, { dtype }: Tensor, source: TensorSource): Promise<Float32Array | Uint16Array> =>
  dtype === 'bf16' ? source.readBf16(name) : source.readF32(name)

function listText(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `tensor ${JSON.stringify(name)}`)
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 5} more` : shown.join(', ')
}
