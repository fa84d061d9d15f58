// The rotary settings of config.json: rope_theta beside rope_scaling, or rope_parameters with both in one.
import { z } from 'zod'
import { FileFormatError, UnsupportedError } from '../errors.js'

/** How the frequencies are stretched for contexts longer than those of the first training. */
export type RopeScaling =
  | {
      /** Every frequency is divided by the factor (position interpolation, Chen et al., 2023). */
      type: 'linear'
      /** At least 1. */
      factor: number
    }
  | {
      /**
       * Waves that turn less than lowFrequencyFactor times in originalMaxPositions are slowed by the factor, those that turn
       * more than highFrequencyFactor times left alone, a blend between them (Llama 3.1, Grattafiori et al., 2024).
       */
      type: 'llama3'
      /** At least 1. */
      factor: number
      /** In turns; above 0. */
      lowFrequencyFactor: number
      /** In turns; above lowFrequencyFactor. */
      highFrequencyFactor: number
      /** Of the first training, in tokens. */
      originalMaxPositions: number
    }
  | {
      /**
       * Frequencies that turn more than betaFast times in originalMaxPositions are left alone, those that turn less than
       * betaSlow times divided by the factor, a ramp over their indices between (YaRN, Peng et al., 2023).
       */
      type: 'yarn'
      /** At least 1. */
      factor: number
      /** In turns; at least betaSlow. The paper's β, 32. */
      betaFast: number
      /** In turns; above 0. The paper's α, 1. */
      betaSlow: number
      /** On cosines and sines; undefined: 0.1 · ln(factor) + 1. */
      attentionFactor?: number | undefined
      /** Of the first training, in tokens. */
      originalMaxPositions: number
      /** Whether the bounds between the kinds of frequencies are whole indices. */
      isTruncated: boolean
    }

/** The rotary embedding's frequencies. */
export interface RopeConfig {
  /** θ: frequency i of D/2 is θ^(−2i/D) radians a position (Su et al., 2021). */
  ropeTheta: number
  /** undefined: the frequencies are those of ropeTheta. */
  ropeScaling?: RopeScaling | undefined
}

const positive = z.number().positive()
const block = z.looseObject({
  rope_theta: positive.nullish(),
  rope_type: z.string().nullish(),
  type: z.string().nullish(),
  partial_rotary_factor: z.number().nullish(),
})

/** The keys of config.json that concern positions. */
export const ropeFields = {
  max_position_embeddings: z.int().positive(),
  original_max_position_embeddings: z.int().positive().nullish(),
  rope_theta: positive.nullish(),
  rope_scaling: block.nullish(),
  rope_parameters: block.nullish(),
  partial_rotary_factor: z.number().nullish(),
}

type RawRope = z.infer<z.ZodObject<typeof ropeFields>>
type Block = z.infer<typeof block>

interface Place {
  file: string
  /** Of the settings in the file. */
  key: 'rope_scaling' | 'rope_parameters'
}

/** As Python's transformers reads them: rope_scaling goes before rope_parameters. */
export function parseRope(raw: RawRope, file: string): RopeConfig {
  const isOld = Object.keys(raw.rope_scaling ?? {}).length > 0
  const key = isOld ? 'rope_scaling' : 'rope_parameters'
  const settings = raw[key] ?? {}
  checkUniform(settings, { file, key })
  const partial = settings.partial_rotary_factor ?? raw.partial_rotary_factor ?? 1
  if (partial !== 1) throw new UnsupportedError(`${file}, partial_rotary_factor: expected 1, got ${partial}`)
  const ropeTheta = settings.rope_theta ?? raw.rope_theta ?? 10_000
  const type = settings.rope_type ?? settings.type ?? 'default'
  if (type === 'default') return { ropeTheta }
  const parse = Object.hasOwn(parsers, type) ? parsers[type as RopeScaling['type']] : undefined
  if (parse === undefined) {
    const names = ['default', ...Object.keys(parsers)].map((name) => `"${name}"`).join(', ')
    const spelling = settings.rope_type == null ? 'type' : 'rope_type'
    throw new UnsupportedError(`${file}, ${key}.${spelling}: expected one of ${names}, got ${JSON.stringify(type)}`)
  }
  // A length of the first training outside the settings goes before the one in them.
  const original = raw.original_max_position_embeddings
  const merged = original == null ? settings : { ...settings, original_max_position_embeddings: original }
  const ropeScaling = parse(merged, { file, key }, raw.max_position_embeddings)
  if (type === 'yarn' && ropeTheta <= 1)
    throw new FileFormatError({ file, place: 'rope_theta' }, `expected more than 1 for yarn, got ${ropeTheta}`)
  return { ropeTheta, ropeScaling }
}

/** Keys of config.json, in the spelling that every version of transformers reads. */
export function ropeJson({ ropeTheta, ropeScaling: scaling }: RopeConfig): Record<string, unknown> {
  if (scaling === undefined) return { rope_theta: ropeTheta }
  return { rope_theta: ropeTheta, rope_scaling: { rope_type: scaling.type, ...scalingJson(scaling) } }
}

function scalingJson(scaling: RopeScaling): Record<string, unknown> {
  const { factor } = scaling
  if (scaling.type === 'linear') return { factor }
  const original_max_position_embeddings = scaling.originalMaxPositions
  if (scaling.type === 'llama3')
    return {
      factor,
      low_freq_factor: scaling.lowFrequencyFactor,
      high_freq_factor: scaling.highFrequencyFactor,
      original_max_position_embeddings,
    }
  return {
    factor,
    beta_fast: scaling.betaFast,
    beta_slow: scaling.betaSlow,
    // JSON.stringify leaves out what is undefined.
    attention_factor: scaling.attentionFactor,
    original_max_position_embeddings,
    truncate: scaling.isTruncated,
  }
}

const factor = z.number().min(1)
const linearSchema = z.looseObject({ factor })
const llama3Schema = z.looseObject({
  factor,
  low_freq_factor: positive,
  high_freq_factor: positive,
  original_max_position_embeddings: z.int().positive(),
})
const yarnSchema = z.looseObject({
  factor: factor.nullable(),
  beta_fast: positive.nullish(),
  beta_slow: positive.nullish(),
  attention_factor: positive.nullish(),
  mscale: z.number().nonnegative().nullish(),
  mscale_all_dim: z.number().nonnegative().nullish(),
  original_max_position_embeddings: z.int().positive().nullish(),
  truncate: z.boolean().default(true),
})

const parsers: Record<RopeScaling['type'], (settings: Block, place: Place, maxPositions: number) => RopeScaling> = {
  linear: (settings, place) => ({ type: 'linear', factor: checked(linearSchema, settings, place).factor }),

  llama3(settings, place) {
    const raw = checked(llama3Schema, settings, place)
    const [low, high] = [raw.low_freq_factor, raw.high_freq_factor]
    if (high <= low) throw wrong(place, 'high_freq_factor', `expected more than low_freq_factor ${low}, got ${high}`)
    return {
      type: 'llama3',
      factor: raw.factor,
      lowFrequencyFactor: low,
      highFrequencyFactor: high,
      originalMaxPositions: raw.original_max_position_embeddings,
    }
  },

  yarn(settings, place, maxPositions) {
    const raw = checked(yarnSchema, settings, place)
    const [betaFast, betaSlow] = [raw.beta_fast ?? 32, raw.beta_slow ?? 1]
    if (betaFast < betaSlow) throw wrong(place, 'beta_fast', `expected at least beta_slow ${betaSlow}, got ${betaFast}`)
    const originalMaxPositions = raw.original_max_position_embeddings ?? maxPositions
    const factor = raw.factor ?? maxPositions / originalMaxPositions
    if (factor < 1) {
      const expected = `expected at most max_position_embeddings ${maxPositions}, without a factor`
      throw wrong(place, 'original_max_position_embeddings', `${expected}, got ${originalMaxPositions}`)
    }
    const { mscale, mscale_all_dim: mscaleAll } = raw
    const ratio = mscale && mscaleAll ? magnitude(factor, mscale) / magnitude(factor, mscaleAll) : undefined
    const attentionFactor = raw.attention_factor ?? ratio
    return {
      type: 'yarn',
      factor,
      betaFast,
      betaSlow,
      ...(attentionFactor !== undefined && { attentionFactor }),
      originalMaxPositions,
      isTruncated: raw.truncate,
    }
  },
}

/** YaRN's factor on cosines and sines. */
export const magnitude = (factor: number, scale = 1): number => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1)

function checkUniform(settings: Block, { file, key }: Place): void {
  const nested = Object.entries(settings).find(([, value]) => isPlainObject(value))
  if (nested)
    throw new UnsupportedError(`${file}, ${key}.${nested[0]}: expected the same rotary settings for every layer`)
}

const isPlainObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

function checked<Schema extends z.ZodType>(schema: Schema, settings: Block, place: Place): z.infer<Schema> {
  const result = schema.safeParse(settings)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw wrong(place, issue?.path.join('.') ?? '', issue?.message ?? 'unexpected content')
}

const wrong = ({ file, key }: Place, name: string, message: string): FileFormatError =>
  new FileFormatError({ file, place: `${key}.${name}` }, message)
