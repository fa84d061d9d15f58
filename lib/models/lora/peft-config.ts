// adapter_config.json as Python's peft writes it. What changes the model in a way that adapters here do not have is an error
// by its name: a key that nobody knows may do so too.
import { z } from 'zod'
import { FileFormatError, UnsupportedError } from '../../errors.js'
import { parseJson } from '../../io/json.js'
import { type LoraConfig, type LoraOptions, loraTargets, peftNameOf } from './config.js'

const schema = z.looseObject({
  peft_type: z.string(),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  target_modules: z.union([z.string(), z.array(z.string()).min(1)]),
  lora_dropout: z.number().min(0).lt(1).default(0),
  use_rslora: z.boolean().default(false),
  bias: z.string().default('none'),
  init_lora_weights: z.union([z.boolean(), z.string()]).default(true),
})

const read = new Set(Object.keys(schema.shape))

/** Keys that say nothing of what the adapters compute. */
const harmless = new Set([
  'task_type',
  'auto_mapping',
  'base_model_name_or_path',
  'revision',
  'peft_version',
  'inference_mode',
  'megatron_core',
  'qalora_group_size',
  'runtime_config',
  'eva_config',
  'ensure_weight_tying',
])

/** First values that leave the base model as it is; the others (pissa, olora, loftq, …) change it. */
const baseKeepingInits = [true, false, 'gaussian', 'orthogonal', 'eva']

const peftNames = loraTargets.map(peftNameOf)

/** Checks adapter_config.json's content. `file` is for messages. */
export function parsePeftConfig(text: string, file: string): LoraOptions {
  const parsed = schema.safeParse(parseJson(text, { file }))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new FileFormatError({ file, place: issue?.path.join('.') }, issue?.message ?? 'unexpected content')
  }
  const json = parsed.data
  checkSupported(json, file)
  return {
    rank: json.r,
    alpha: json.lora_alpha,
    targets: targetsOf(json.target_modules, file),
    dropout: json.lora_dropout,
    useRankStabilization: json.use_rslora,
  }
}

/** The adapter_config.json of adapters on a base model of this name, if it has one. */
export function peftConfigJson(config: LoraConfig, { base }: { base: string | null }): Record<string, unknown> {
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base,
    inference_mode: true,
    r: config.rank,
    lora_alpha: config.alpha,
    lora_dropout: config.dropout,
    use_rslora: config.useRankStabilization,
    target_modules: config.targets.map(peftNameOf),
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: {},
    alpha_pattern: {},
    use_dora: false,
  }
}

function checkSupported(json: z.infer<typeof schema>, file: string): void {
  const { peft_type: type, bias, init_lora_weights: init } = json
  if (type !== 'LORA') throw unsupported(file, 'peft_type', '"LORA"', type)
  if (bias !== 'none') throw unsupported(file, 'bias', '"none"', bias)
  if (!baseKeepingInits.includes(init))
    throw unsupported(file, 'init_lora_weights', 'first values that leave the base model as it is', init)
  for (const [key, value] of Object.entries(json))
    if (!read.has(key) && !harmless.has(key) && isSet(value)) throw unsupported(file, key, 'none', value)
}

function targetsOf(names: string | readonly string[], file: string): readonly string[] {
  const isKnown = (name: string) => peftNames.includes(name)
  if (typeof names !== 'string' && names.every(isKnown)) return names
  const got = typeof names === 'string' ? names : names.filter((name) => !isKnown(name))
  throw unsupported(file, 'target_modules', `names out of ${peftNames.join(', ')}`, got)
}

/** Whether a key asks for something: null, false, [] and {} do not. */
const isSet = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== null && value !== false

const unsupported = (file: string, key: string, expected: string, got: unknown): UnsupportedError =>
  new UnsupportedError(`${file}, ${key}: expected ${expected}, got ${JSON.stringify(got).slice(0, 200)}`)
