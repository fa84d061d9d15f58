// What supervised training is told, and its defaults.
import type { ChatExample } from '../../data/chat/example.js'
import { ArgumentError } from '../../errors.js'
import type { Decoder } from '../../models/decoder.js'
import type { SaveParts } from '../../models/save.js'
import type { AdamW } from '../../optim/adamw.js'
import type { LearningRateSchedule } from '../../optim/learning-rate.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import type { BatchSize } from './batch-order.js'
import type { SftDirectory } from './sft-directory.js'

export interface SftTrainerOptions {
  model: Decoder
  /** Of the parameters that are trained; its learning rate is the schedule's peak. */
  optimizer: AdamW
  examples: readonly ChatExample[]
  /** Examples that the loss is measured on, and that are not learned from. */
  heldOut?: readonly ChatExample[] | undefined
  /** Of the order of the examples, and of what adapters drop. */
  seed?: number | undefined
  epochs?: number | undefined
  /** Ends the run before its epochs do. */
  maxSteps?: number | undefined
  /** Of an update. */
  batch?: BatchSize | undefined
  /** Of a micro-batch: memory goes with it. A longer example is alone. */
  tokensPerMicroBatch?: number | undefined
  /** Where it decays and says no steps, it ends with the run. */
  learningRateSchedule?: LearningRateSchedule | undefined
  maxGradNorm?: number | undefined
  /** Keeps only the layers' inputs for backward and computes the rest again: less memory, more time, the same bits. */
  useRecompute?: boolean | undefined
  /** Steps between two measurements of the held-out loss; there is one before the first step and one at the end in any case. */
  evaluateEverySteps?: number | undefined
  /** Evaluations in a row without a new best, after which the run ends; without it the run goes to its end. */
  patience?: number | undefined
  /** Steps between two checkpoints in the run's directory. */
  checkpointEverySteps?: number | undefined
  /** The run's directory, or a path that is new or empty: metrics, checkpoints, the best model and the last. */
  out?: SftDirectory | string | undefined
  /** Written beside the model. */
  tokenizer?: Tokenizer | undefined
  /** How a model with adapters is written. */
  saving?: Pick<SaveParts, 'merge' | 'base'> | undefined
}

const defaults = {
  heldOut: [] as readonly ChatExample[],
  seed: 1,
  epochs: 1,
  maxSteps: Number.POSITIVE_INFINITY,
  batch: { examples: 16 } as BatchSize,
  tokensPerMicroBatch: 32_768,
  learningRateSchedule: {} as LearningRateSchedule,
  maxGradNorm: 1,
  useRecompute: false,
  evaluateEverySteps: Number.POSITIVE_INFINITY,
  patience: Number.POSITIVE_INFINITY,
  checkpointEverySteps: 100,
  saving: {} as Pick<SaveParts, 'merge' | 'base'>,
}

export type SftSettings = Required<Omit<SftTrainerOptions, 'out' | 'tokenizer' | keyof typeof defaults>> &
  Pick<SftTrainerOptions, 'out' | 'tokenizer'> &
  typeof defaults

export function sftSettings(options: SftTrainerOptions): SftSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings = { ...defaults, ...given } as SftSettings
  requireCounts(settings)
  requirePositions(settings)
  return settings
}

const counts = [
  ...(['maxSteps', 'tokensPerMicroBatch', 'evaluateEverySteps', 'patience', 'checkpointEverySteps'] as const),
]

function requireCounts(settings: SftSettings): void {
  for (const name of counts) {
    const value = settings[name]
    if (!(Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY) || value < 1)
      throw new ArgumentError(`[sft] expected a whole number of at least 1 for ${name}, got ${value}`)
  }
}

/** Before the first step, and not at the long example that comes hours later. */
function requirePositions({ model, examples, heldOut }: SftSettings): void {
  const { maxPositions, vocabularySize } = model.config
  for (const { id, tokens } of [...examples, ...heldOut]) {
    const wrong = tokens.find((token) => !(token >= 0 && token < vocabularySize))
    if (wrong !== undefined)
      throw new ArgumentError(`[sft] expected tokens below ${vocabularySize} in ${JSON.stringify(id)}, got ${wrong}`)
    if (tokens.length - 1 > maxPositions)
      throw new ArgumentError(
        `[sft] expected examples of at most ${maxPositions + 1} tokens, for the model's ${maxPositions} positions, got ` +
          `${tokens.length} for ${JSON.stringify(id)}`,
      )
  }
}
