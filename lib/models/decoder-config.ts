// A checkpoint's config.json, in both spellings that Python's transformers writes, as the numbers a decoder needs.
import { z } from 'zod'
import { FileFormatError, messageOf, UnsupportedError } from '../errors.js'

export interface DecoderConfig {
  vocabularySize: number
  width: number
  feedForwardWidth: number
  numLayers: number
  numHeads: number
  numKvHeads: number
  headSize: number
  maxPositions: number
  normEpsilon: number
  ropeTheta: number
  isHeadTied: boolean
  /** Of random first weights: their deviation. */
  initializerRange: number
}

const count = z.int().positive()
const ropeSchema = z.looseObject({
  rope_theta: z.number().positive().optional(),
  rope_type: z.string().optional(),
  type: z.string().optional(),
})

const schema = z.looseObject({
  model_type: z.string(),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  hidden_act: z.string().default('silu'),
  max_position_embeddings: count,
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  tie_word_embeddings: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  initializer_range: z.number().positive().default(0.02),
})

type RawConfig = z.infer<typeof schema>

/** Checks config.json's content. `file` is for messages. */
export function parseDecoderConfig(
  text: string,
  file: string,
): { config: DecoderConfig; json: Record<string, unknown> } {
  const json = parseJson(text, file)
  const result = schema.safeParse(json)
  if (!result.success) {
    const issue = result.error.issues[0]
    throw new FileFormatError({ file, place: issue?.path.join('.') }, issue?.message ?? 'unexpected content')
  }
  const raw = result.data
  checkSupported(raw, file)
  return { config: configOf(raw, file), json: raw }
}

/** The config.json that describes a decoder made here. */
export function configJson(config: DecoderConfig): Record<string, unknown> {
  return {
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    intermediate_size: config.feedForwardWidth,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    num_key_value_heads: config.numKvHeads,
    hidden_act: 'silu',
    max_position_embeddings: config.maxPositions,
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.isHeadTied,
    use_sliding_window: false,
    attention_dropout: 0,
    initializer_range: config.initializerRange,
    torch_dtype: 'float32',
  }
}

function configOf(raw: RawConfig, file: string): DecoderConfig {
  const numKvHeads = raw.num_key_value_heads ?? raw.num_attention_heads
  const config: DecoderConfig = {
    vocabularySize: raw.vocab_size,
    width: raw.hidden_size,
    feedForwardWidth: raw.intermediate_size,
    numLayers: raw.num_hidden_layers,
    numHeads: raw.num_attention_heads,
    numKvHeads,
    headSize: raw.head_dim ?? raw.hidden_size / raw.num_attention_heads,
    maxPositions: raw.max_position_embeddings,
    normEpsilon: raw.rms_norm_eps,
    ropeTheta: raw.rope_parameters?.rope_theta ?? raw.rope_theta ?? 10_000,
    isHeadTied: raw.tie_word_embeddings,
    initializerRange: raw.initializer_range,
  }
  checkHeads(config, file)
  return config
}

/** Throws where heads do not divide the width, or K/V heads the heads. */
export function checkHeads({ width, numHeads, numKvHeads, headSize }: DecoderConfig, file: string): void {
  if (!Number.isInteger(headSize))
    throw new FileFormatError(
      { file, place: 'hidden_size' },
      `expected a multiple of num_attention_heads ${numHeads}, got ${width}`,
    )
  if (headSize % 2 !== 0)
    throw new FileFormatError({ file, place: 'head_dim' }, `expected an even size of heads, got ${headSize}`)
  if (numHeads % numKvHeads !== 0)
    throw new FileFormatError(
      { file, place: 'num_key_value_heads' },
      `expected a divisor of num_attention_heads ${numHeads}, got ${numKvHeads}`,
    )
}

function checkSupported(raw: RawConfig, file: string): void {
  const supports = (isSupported: boolean, key: string, expected: string, got: unknown) => {
    if (!isSupported) throw new UnsupportedError(`${file}, ${key}: expected ${expected}, got ${JSON.stringify(got)}`)
  }
  supports(raw.model_type === 'qwen2', 'model_type', '"qwen2"', raw.model_type)
  supports(raw.hidden_act === 'silu', 'hidden_act', '"silu"', raw.hidden_act)
  supports(!raw.use_sliding_window, 'use_sliding_window', 'false', true)
  for (const key of ['rope_parameters', 'rope_scaling'] as const) {
    const type = raw[key]?.rope_type ?? raw[key]?.type ?? 'default'
    supports(
      type === 'default',
      `${key}.${raw[key]?.rope_type === undefined ? 'type' : 'rope_type'}`,
      '"default"',
      type,
    )
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FileFormatError({ file }, `not JSON: ${messageOf(cause)}`, { cause })
  }
}
