// A checkpoint's config.json, in both spellings that Python's transformers writes, as the numbers a decoder needs.
import { z } from 'zod'
import { requireStrings } from '../arguments.js'
import { FileFormatError, UnsupportedError } from '../errors.js'
import { parseJson } from '../io/json.js'
import { type FamilyName, familyNameOf, familyNames, familyOf, isFamilyName } from './families/index.js'
import { isSupportedHeadSize, supportedHeadSizes } from './head-size.js'
import { parseRope, type RopeConfig, ropeFields, ropeJson } from './rope-scaling.js'

/** The shape of a decoder and the numbers in its formulas: what config.json says, under names of our own. */
export interface DecoderConfig extends RopeConfig {
  /** Whose biases, norms and names; 'qwen2' where absent. */
  family?: FamilyName | undefined
  /** V, rows of embedding and head. A tokenizer's may be smaller. */
  vocabularySize: number
  /** C. */
  width: number
  /** Between the projections of a feed-forward block. */
  feedForwardWidth: number
  /** Layers of attention and feed-forward. */
  numLayers: number
  /** H, heads of queries. */
  numHeads: number
  /** K, heads of keys and values; a divisor of H. */
  numKvHeads: number
  /** D: a multiple of 8 up to 256. H·D need not be C. */
  headSize: number
  /** The longest sequence in tokens, at most 2²¹. */
  maxPositions: number
  /** Added to the mean of squares in every RMS norm. */
  normEpsilon: number
  /** Whether the final projection is the embedding's own table. */
  isHeadTied: boolean
  /** Of random first weights: their deviation. */
  initializerRange: number
}

/** Of a new decoder: what its maker need not say. */
export const decoderDefaults = {
  /** In tokens. */
  maxPositions: 4096,
  /** Added to the mean of squares in every RMS norm. */
  normEpsilon: 1e-6,
  /** The base of the rotary frequencies. */
  ropeTheta: 10_000,
  /** The final projection is the embedding's own table. */
  isHeadTied: true,
  /** Of random first weights: their deviation. */
  initializerRange: 0.02,
} as const satisfies Partial<DecoderConfig>

const count = z.int().positive()
/** The rotary tables hold a row for each, and no weight vouches for the claim. */
const mostPositions = 2 ** 21
const familySchema = z.looseObject({ model_type: z.string() })
const schema = z.looseObject({
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  hidden_act: z.string().default('silu'),
  rms_norm_eps: z.number().positive().default(1e-6),
  ...ropeFields,
  tie_word_embeddings: z.boolean().default(false),
  layer_types: z.array(z.string()).nullish(),
  initializer_range: z.number().positive().default(0.02),
})

type RawConfig = z.infer<typeof schema>

/**
 * Checks config.json's content. `file` is for messages.
 *
 * @throws {@link FileFormatError} for what is no JSON, lacks a key, or says what cannot be
 * @throws {@link UnsupportedError} for another kind of model, or one that needs what the decoder does not do, by the name of the key
 */
export function parseDecoderConfig(
  text: string,
  file: string,
): {
  /** What a Decoder is made with. */
  config: DecoderConfig
  /** All that the file says, keys that nothing here reads included: a Decoder keeps it for saving. */
  json: Record<string, unknown>
} {
  requireStrings('config', { text, file })
  const json = parseJson(text, { file })
  // First of all: another kind of model lacks keys that a decoder must have.
  const { model_type: family } = checked(familySchema, json, file)
  if (!isFamilyName(family)) throw unsupported(file, 'model_type', oneOf(familyNames), family)
  const raw = checked(schema, json, file)
  checkSupported(raw, family, file)
  return { config: configOf(raw, family, file), json: raw }
}

/** The config.json that describes a decoder made here. */
export function configJson(config: DecoderConfig): Record<string, unknown> {
  const { architecture, fixedKeys } = familyOf(config)
  return {
    architectures: [architecture],
    model_type: familyNameOf(config),
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    intermediate_size: config.feedForwardWidth,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    num_key_value_heads: config.numKvHeads,
    head_dim: config.headSize,
    hidden_act: 'silu',
    max_position_embeddings: config.maxPositions,
    rms_norm_eps: config.normEpsilon,
    ...ropeJson(config),
    tie_word_embeddings: config.isHeadTied,
    ...fixedKeys,
    attention_dropout: 0,
    initializer_range: config.initializerRange,
    torch_dtype: 'float32',
  }
}

function configOf(raw: RawConfig, family: FamilyName, file: string): DecoderConfig {
  const numKvHeads = raw.num_key_value_heads ?? raw.num_attention_heads
  const { defaultHeadSize } = familyOf({ family })
  const config: DecoderConfig = {
    family,
    vocabularySize: raw.vocab_size,
    width: raw.hidden_size,
    feedForwardWidth: raw.intermediate_size,
    numLayers: raw.num_hidden_layers,
    numHeads: raw.num_attention_heads,
    numKvHeads,
    headSize: raw.head_dim ?? defaultHeadSize ?? raw.hidden_size / raw.num_attention_heads,
    maxPositions: raw.max_position_embeddings,
    normEpsilon: raw.rms_norm_eps,
    ...parseRope(raw, file),
    isHeadTied: raw.tie_word_embeddings,
    initializerRange: raw.initializer_range,
  }
  checkHeads(config, file)
  if (config.maxPositions > mostPositions)
    throw unsupported(file, 'max_position_embeddings', `at most ${mostPositions}`, config.maxPositions)
  return config
}

/** Throws where heads do not divide the width, K/V heads the heads, or attention takes no heads of their size. */
export function checkHeads({ width, numHeads, numKvHeads, headSize }: DecoderConfig, file: string): void {
  if (!Number.isInteger(headSize))
    throw new FileFormatError(
      { file, place: 'hidden_size' },
      `expected a multiple of num_attention_heads ${numHeads}, got ${width}`,
    )
  if (!isSupportedHeadSize(headSize)) throw unsupported(file, 'head_dim', supportedHeadSizes, headSize)
  if (numHeads % numKvHeads !== 0)
    throw new FileFormatError(
      { file, place: 'num_key_value_heads' },
      `expected a divisor of num_attention_heads ${numHeads}, got ${numKvHeads}`,
    )
}

function checkSupported(raw: RawConfig, family: FamilyName, file: string): void {
  if (raw.hidden_act !== 'silu') throw unsupported(file, 'hidden_act', '"silu"', raw.hidden_act)
  for (const [key, value] of Object.entries(familyOf({ family }).fixedKeys))
    if ((raw[key] ?? value) !== value) throw unsupported(file, key, `${value}`, raw[key])
  const layerType = raw.layer_types?.find((type) => type !== 'full_attention')
  if (layerType !== undefined) throw unsupported(file, 'layer_types', '"full_attention" for every layer', layerType)
}

const unsupported = (file: string, key: string, expected: string, got: unknown): UnsupportedError =>
  new UnsupportedError(`${file}, ${key}: expected ${expected}, got ${(JSON.stringify(got) ?? 'nothing').slice(0, 100)}`)

const oneOf = (names: readonly string[]): string => `one of ${names.map((name) => `"${name}"`).join(', ')}`

function checked<Schema extends z.ZodType>(schema: Schema, json: unknown, file: string): z.infer<Schema> {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new FileFormatError({ file, place: issue?.path.join('.') }, issue?.message ?? 'unexpected content')
}
