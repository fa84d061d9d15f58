// What supervised training is told, and its defaults.

import { checkOptions, type OptionKeys, requireArrays, requireInstances } from '../../arguments.js'
import type { ChatExample } from '../../data/chat/example.js'
import { ArgumentError } from '../../errors.js'
import { Decoder } from '../../models/decoder.js'
import type { SaveParts } from '../../models/save.js'
import { AdamW } from '../../optim/adamw.js'
import type { LearningRateSchedule } from '../../optim/learning-rate.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import type { BatchSize } from './batch-order.js'
import type { SftDirectory } from './sft-directory.js'

/** What a trainer is made of; what may be left out has the default of a supervised recipe, unless said otherwise. */
export interface SftTrainerOptions {
  /** Trained in place; of one with adapters, those. */
  model: Decoder
  /** Of the parameters that are trained; its learning rate is the schedule's peak. */
  optimizer: AdamW
  /** What is learned from, at least one; none longer than the model's positions and one. */
  examples: readonly ChatExample[]
  /** Examples that the loss is measured on, and that are not learned from; nothing is measured without any. */
  heldOut?: readonly ChatExample[] | undefined
  /** Of the order of the examples, and of what adapters drop; 1 where left out. */
  seed?: number | undefined
  /** Times that every example is learned from, each time in another order; 1 where left out. */
  epochs?: number | undefined
  /** Updates at most, which may end the run before its epochs do; no bound where left out. */
  maxSteps?: number | undefined
  /** What an update learns from; 16 examples where left out. */
  batch?: BatchSize | undefined
  /** Input tokens of a micro-batch: memory goes with it. A longer example is alone. 32,768 where left out. */
  tokensPerMicroBatch?: number | undefined
  /** How the optimizer's rate moves over the run; constant where left out. Where it decays and says no steps, it ends with the run. */
  learningRateSchedule?: LearningRateSchedule | undefined
  /** Largest L2 norm of an update's whole gradient: a longer one is scaled down to it; 0 clips nothing. 1 where left out. */
  maxGradNorm?: number | undefined
  /** Keeps only the layers' inputs for backward and computes the rest again: less memory, more time, the same bits. False where left out. */
  useRecompute?: boolean | undefined
  /** Steps between two measurements of the held-out loss; there is one before the first step and one at the end in any case. */
  evaluateEverySteps?: number | undefined
  /** Evaluations in a row without a new best, after which the run ends; without it the run goes to its end. */
  patience?: number | undefined
  /** Steps between two checkpoints in the run's directory; there is one at the end in any case. 100 where left out. */
  checkpointEverySteps?: number | undefined
  /** The run's directory, or a path that is new or empty: metrics, checkpoints, the best model and the last. Nothing is written without. */
  out?: SftDirectory | string | undefined
  /** Written beside the model. */
  tokenizer?: Tokenizer | undefined
  /** How a model with adapters is written: merged, or alone beside the name of its base; alone, without a base, where left out. */
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
  checkOptions('sft', options, optionKeys)
  const { model, optimizer, examples } = options
  requireInstances('sft', Decoder, { model })
  requireInstances('sft', AdamW, { optimizer })
  requireArrays('sft', { examples })
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

const optionKeys: OptionKeys<SftTrainerOptions> = {
  model: true,
  optimizer: true,
  examples: true,
  heldOut: true,
  seed: true,
  epochs: true,
  maxSteps: true,
  batch: true,
  tokensPerMicroBatch: true,
  learningRateSchedule: true,
  maxGradNorm: true,
  useRecompute: true,
  evaluateEverySteps: true,
  patience: true,
  checkpointEverySteps: true,
  out: true,
  tokenizer: true,
  saving: true,
}
