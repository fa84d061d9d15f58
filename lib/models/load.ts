// A decoder from a Hugging Face folder.
import { join } from 'node:path'
import { checkOptions, type OptionKeys, requireStrings } from '../arguments.js'
import { FileFormatError, UnsupportedError } from '../errors.js'
import { readTextFile } from '../io/read-file.js'
import { isFloat, type TensorSource } from '../io/safetensors.js'
import { openSafetensorsFolder } from '../io/safetensors-folder.js'
import type { DType } from '../native.js'
import { emptyInit } from '../nn/init.js'
import type { Tensor, TensorOptions } from '../tensor.js'
import { hasShape, shapeText } from '../tensor-data.js'
import { Tokenizer } from '../tokenizer/tokenizer.js'
import { Decoder } from './decoder.js'
import { type DecoderConfig, parseDecoderConfig } from './decoder-config.js'
import { familyOf } from './families/index.js'
import { loadAdapter } from './lora/adapter-folder.js'
import { isAdapterPath } from './lora/apply.js'
import { baseFolderOf } from './lora/base-folder.js'
import { checkpointName } from './weight-names.js'
import { weightShapes } from './weight-shapes.js'

/**
 * What the weights become: `dtype` is that of the matrices, f32 unless given. A bf16 model runs with `vectorDtype: 'f32'`, and
 * its own weights do not train.
 */
export interface LoadOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** Of biases and norms; `dtype` where left out. Ops take them in f32 alone. */
  vectorDtype?: DType | undefined
}

/**
 * Model and tokenizer of a Hugging Face folder: config.json, one or many safetensors, tokenizer.json, tokenizer_config.json.
 * Nothing is downloaded.
 *
 * @throws {@link ArgumentError} for a folder that is no text, or an option of another name
 * @throws {@link FileFormatError} for a file that is missing, damaged, or at odds with config.json
 * @throws {@link UnsupportedError} for a kind of model or tokenizer that is not built in
 *
 * @example
 * ```ts
 * import { loadModel } from 'lengthen'
 *
 * const { model, tokenizer } = await loadModel('models/qwen2.5-0.5b')
 * console.log(model.config.numLayers, tokenizer.encode('Hello'))
 * model.dispose()
 * ```
 */
export async function loadModel(
  folder: string,
  options: LoadOptions = {},
): Promise<{
  /** The caller's to dispose of. */
  model: Decoder
  /** Of the same folder. */
  tokenizer: Tokenizer
}> {
  checkLoad(folder, options)
  const tokenizer = await Tokenizer.load(folder)
  return { model: await loadDecoder(folder, options), tokenizer }
}

/**
 * The model alone. Weights in F32, BF16 or F16 are converted to the dtype asked for. A folder of adapters alone is the base
 * model that its adapter_config.json names, with those adapters.
 *
 * @throws {@link ArgumentError} for a folder that is no text, or an option of another name
 * @throws {@link FileFormatError} for a file that is missing, damaged, or at odds with config.json
 * @throws {@link UnsupportedError} for a kind of model that is not built in
 */
export async function loadDecoder(folder: string, options: LoadOptions = {}): Promise<Decoder> {
  checkLoad(folder, options)
  const base = await baseFolderOf(folder)
  if (base === undefined) return loadWhole(folder, options)
  const model = await loadWhole(base, options)
  try {
    await loadAdapter(folder, { model })
    return model
  } catch (error) {
    model.dispose()
    throw error
  }
}

const optionKeys: OptionKeys<LoadOptions> = { dtype: true, device: true, vectorDtype: true }

function checkLoad(folder: string, options: LoadOptions): void {
  requireStrings('load', { folder })
  checkOptions('load', options, optionKeys)
}

async function loadWhole(
  folder: string,
  { dtype = 'f32', vectorDtype, device = 'cpu' }: LoadOptions,
): Promise<Decoder> {
  const configFile = join(folder, 'config.json')
  const { config, json } = parseDecoderConfig(await readTextFile(configFile), configFile)
  const source = await openSafetensorsFolder(folder)
  try {
    // Before the decoder is made: what the files hold bounds the memory that it takes.
    checkWeights(folder, config, source)
    const model = new Decoder(config, { init: emptyInit({ dtype, vectorDtype, device }), json })
    await fill(model, source)
    return model
  } finally {
    await source.close()
  }
}

/** Each parameter by its name in a checkpoint; a tied head is not there, nor are adapters. */
export function weightsOf(model: Decoder): Map<string, Tensor> {
  const named = [...model.namedParameters()].filter(([path]) => !isAdapterPath(path))
  const family = familyOf(model.config)
  const own = model.config.isHeadTied ? named.filter(([path]) => path !== 'head') : named
  return new Map(own.map(([path, parameter]) => [checkpointName(path, family), parameter]))
}

async function fill(model: Decoder, source: TensorSource): Promise<void> {
  try {
    for (const [name, parameter] of weightsOf(model)) {
      if (parameter.dtype === 'bf16') parameter.writeBits(await source.readBf16(name))
      else parameter.write(await source.readF32(name))
    }
  } catch (error) {
    model.dispose()
    throw error
  }
}

function checkWeights(folder: string, config: DecoderConfig, source: TensorSource): void {
  if (config.numLayers > source.names.length) {
    const at = { file: join(folder, 'config.json'), place: 'num_hidden_layers' }
    throw new FileFormatError(
      at,
      `${config.numLayers} layers, the checkpoint holds ${source.names.length} tensors in all`,
    )
  }
  const shapes = new Map(weightShapes(config))
  checkNames(folder, shapes, source)
  for (const [name, shape] of shapes) checkTensor(folder, { name, shape, source })
}

function checkNames(folder: string, weights: ReadonlyMap<string, unknown>, source: TensorSource): void {
  const missing = [...weights.keys()].filter((name) => !source.has(name))
  if (missing.length > 0) throw new FileFormatError({ file: folder }, `lacks ${listText(missing)}`)
  const unexpected = source.names.filter((name) => !weights.has(name) && !isHarmless(name))
  if (unexpected.length > 0)
    throw new FileFormatError({ file: folder }, `holds what the model has no place for: ${listText(unexpected)}`)
}

// A tied head may be stored once more, and old checkpoints hold the rotary frequencies.
const isHarmless = (name: string): boolean => name === 'lm_head.weight' || name.endsWith('.rotary_emb.inv_freq')

function checkTensor(
  folder: string,
  { name, shape, source }: { name: string; shape: readonly number[]; source: TensorSource },
): void {
  const found = source.info(name)
  const place = `tensor ${JSON.stringify(name)}`
  if (!isFloat(found.dtype))
    throw new UnsupportedError(`${folder}, ${place}: expected F32, BF16 or F16, got ${found.dtype}`)
  if (hasShape(found.shape, shape)) return
  const expected = `expected ${shapeText(shape)}, as config.json says, got ${shapeText(found.shape)}`
  throw new FileFormatError({ file: folder, place }, expected)
}

function listText(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `tensor ${JSON.stringify(name)}`)
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 5} more` : shown.join(', ')
}
