// Adapters to and from a folder of Python's peft: adapter_config.json and adapter_model.safetensors.
import { join } from 'node:path'
import { checkOptions, type OptionKeys, requireObjects, requireStrings } from '../../arguments.js'
import { ArgumentError, FileFormatError, UnsupportedError } from '../../errors.js'
import { readTextFile } from '../../io/read-file.js'
import { isFloat, SafetensorsFile } from '../../io/safetensors.js'
import { type TensorToWrite, writeSafetensors } from '../../io/safetensors-write.js'
import { writeFileAtomically } from '../../io/write-file.js'
import { writeFolder } from '../../io/write-folder.js'
import { written } from '../../io/written.js'
import type { Tensor } from '../../tensor.js'
import { hasShape, shapeText } from '../../tensor-data.js'
import type { Decoder } from '../decoder.js'
import { familyOf } from '../families/index.js'
import { checkpointName } from '../weight-names.js'
import { adaptersOf, applyLora } from './apply.js'
import { type LoraConfig, loraConfig, pathOf, projectionOf } from './config.js'
import { parsePeftConfig, peftConfigJson } from './peft-config.js'

const configFile = 'adapter_config.json'
const weightsFile = 'adapter_model.safetensors'

/** Which adapters to write. */
export interface SaveAdapterOptions {
  /** Has adapters; nothing else of it is written. */
  model: Decoder
  /** The base model's folder or name, for adapter_config.json: what Python's AutoPeftModel loads beneath. */
  base?: string | undefined
  /** Looked at before every tensor; its reason is thrown. */
  signal?: AbortSignal | undefined
}

/**
 * Writes the model's adapters in f32 as Python's peft does: adapter_config.json and adapter_model.safetensors. In a folder that
 * exists, each of the two files is replaced whole; else the folder is there whole or not at all.
 *
 * @throws {@link ArgumentError} for a model without adapters, or an option of another name
 * @throws {@link LengthenError} where the folder cannot be written: its `cause` is what the system said
 */
export async function saveAdapter(folder: string, options: SaveAdapterOptions): Promise<void> {
  requireStrings('lora', { folder })
  checkOptions('lora', options, saveKeys)
  requireObjects('lora', { model: options.model })
  requireAdapters(options.model)
  await written(folder, () => writeFolder(folder, (folder) => writeAdapter(folder, options)))
}

/** saveAdapter() in a folder that is there. */
export async function writeAdapter(folder: string, { model, base, signal }: SaveAdapterOptions): Promise<void> {
  const lora = requireAdapters(model)
  const tensors = [...adapterWeights(model)].map(([name, tensor]) => [name, toWrite(tensor, signal)] as const)
  await writeSafetensors(join(folder, weightsFile), tensors)
  const json = peftConfigJson(lora, { base: base ?? null })
  await writeFileAtomically(join(folder, configFile), `${JSON.stringify(json, null, 2)}\n`)
}

/**
 * Reads what peft or saveAdapter() wrote and puts it on the model, whose weights it freezes; a model that has adapters of the
 * same kind gets their values. Everything is checked before the model is touched.
 *
 * @throws {@link FileFormatError} for a file that is missing or damaged, or tensors that the model has no place for
 * @throws {@link UnsupportedError} for a key of adapter_config.json that changes what adapters compute and is not built in
 * @throws {@link ArgumentError} for a model with adapters of another kind
 */
export async function loadAdapter(folder: string, parts: { model: Decoder }): Promise<void> {
  requireStrings('lora', { folder })
  checkOptions('lora', parts, loadKeys, 'parts')
  const { model } = parts
  requireObjects('lora', { model })
  const file = join(folder, configFile)
  const options = parsePeftConfig(await readTextFile(file), file)
  requireSame(model.lora, loraConfig(options), file)
  const source = await SafetensorsFile.open(join(folder, weightsFile))
  try {
    checkTensors(source, expectedShapes(model, loraConfig(options)))
    const values = new Map<string, Float32Array>()
    for (const name of source.names) values.set(name, await source.readF32(name))
    if (!model.lora) applyLora(model, options)
    for (const [name, tensor] of adapterWeights(model)) tensor.write(values.get(name) as Float32Array)
  } finally {
    await source.close()
  }
}

/** Each adapter's tensors by peft's names. */
export function adapterWeights(model: Decoder): Map<string, Tensor> {
  const family = familyOf(model.config)
  const entries = [...adaptersOf(model)].flatMap(([path, { a, b }]): [string, Tensor][] => {
    const name = peftPrefix(path, family)
    return [
      [`${name}.lora_A.weight`, a],
      [`${name}.lora_B.weight`, b],
    ]
  })
  return new Map(entries)
}

// 'layers.0.mlp.up' → 'base_model.model.model.layers.0.mlp.up_proj'
const peftPrefix = (path: string, family: ReturnType<typeof familyOf>): string =>
  `base_model.model.${checkpointName(`${path}.weight`, family).replace(/\.weight$/, '')}`

function expectedShapes(model: Decoder, { rank, targets }: LoraConfig): Map<string, readonly number[]> {
  const family = familyOf(model.config)
  const shapes = new Map<string, readonly number[]>()
  for (const [i, layer] of model.layers.entries())
    for (const target of targets) {
      const [out = 0, width = 0] = projectionOf(layer, target).weight.shape
      const name = peftPrefix(`layers.${i}.${pathOf(target)}`, family)
      shapes.set(`${name}.lora_A.weight`, [rank, width])
      shapes.set(`${name}.lora_B.weight`, [out, rank])
    }
  return shapes
}

function checkTensors(source: SafetensorsFile, shapes: ReadonlyMap<string, readonly number[]>): void {
  const { path: file, names } = source
  const place = (name: string) => `tensor ${JSON.stringify(name)}`
  const unexpected = names.find((name) => !shapes.has(name))
  if (unexpected !== undefined)
    throw new FileFormatError({ file, place: place(unexpected) }, 'the model has no place for it')
  for (const [name, shape] of shapes) {
    if (!source.has(name)) throw new FileFormatError({ file }, `lacks ${place(name)}`)
    const found = source.info(name)
    if (!isFloat(found.dtype))
      throw new UnsupportedError(`${file}, ${place(name)}: expected F32, BF16 or F16, got ${found.dtype}`)
    if (hasShape(found.shape, shape)) continue
    const expected = `expected ${shapeText(shape)} for the model and the rank, got ${shapeText(found.shape)}`
    throw new FileFormatError({ file, place: place(name) }, expected)
  }
}

function requireAdapters({ lora }: Decoder): LoraConfig {
  if (lora) return lora
  throw new ArgumentError('[lora] expected a model with adapters, got one without')
}

/** Values of one kind of adapter in the place of another's would be another model. */
function requireSame(own: LoraConfig | null, loaded: LoraConfig, file: string): void {
  const kind = ({ rank, alpha, targets, useRankStabilization }: LoraConfig) =>
    `rank ${rank}, alpha ${alpha}${useRankStabilization ? ' (rank-stabilised)' : ''} on ${targets.join(', ')}`
  if (own === null || kind(own) === kind(loaded)) return
  throw new ArgumentError(`[lora] expected adapters of ${kind(own)} in ${file}, got ${kind(loaded)}`)
}

const toWrite = (tensor: Tensor, signal: AbortSignal | undefined): TensorToWrite => ({
  dtype: 'F32',
  shape: tensor.shape,
  data: async () => {
    signal?.throwIfAborted()
    return (await tensor.toArray()) as Float32Array
  },
})

const saveKeys: OptionKeys<SaveAdapterOptions> = { model: true, base: true, signal: true }

const loadKeys: OptionKeys<{ model: Decoder }> = { model: true }
