// From a supervised recipe to its model and its trainer.
import { createModel } from '../../models/create.js'
import type { Decoder } from '../../models/decoder.js'
import type { DecoderConfig } from '../../models/decoder-config.js'
import { loadDecoder } from '../../models/load.js'
import { AdamW } from '../../optim/adamw.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import { adamwOptions } from '../adamw-options.js'
import { withAdapters } from '../build.js'
import { momentFormatsOf } from '../moment-formats.js'
import type { BatchSize } from './batch-order.js'
import type { Prepared } from './prepare.js'
import type { SftRecipe } from './recipe/schema.js'
import type { SftDirectory } from './sft-directory.js'
import { SftTrainer } from './sft-trainer.js'

/** With the adapters that the recipe asks for. The caller disposes of it. */
export async function buildSftModel(
  { model: section, seed, device }: SftRecipe,
  config: DecoderConfig,
): Promise<Decoder> {
  const { create, baseDtype: dtype } = section
  const model = create
    ? createModel(config, { seed, dtype, device, residualScale: create.residualScale })
    : await loadDecoder(section.path as string, { dtype, vectorDtype: 'f32', device })
  try {
    return await withAdapters(model, { ...section, seed })
  } catch (error) {
    model.dispose()
    throw error
  }
}

/** Of what the model has to learn with: its adapters, or all of it. The caller disposes of it. */
export function buildSftOptimizer({ optimizer: section }: SftRecipe, model: Decoder): AdamW {
  const moments = momentFormatsOf(model, section.moments)
  const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad)
  return new AdamW(trained, { ...adamwOptions(section), moments })
}

export function buildSftTrainer(
  { seed, training, optimizer: { learningRateSchedule }, evaluation, checkpoint, model: section }: SftRecipe,
  {
    data,
    ...parts
  }: Pick<Prepared, 'data'> & { model: Decoder; optimizer: AdamW; tokenizer: Tokenizer; out: SftDirectory },
): SftTrainer {
  const { epochs, maxSteps, tokensPerMicroBatch, maxGradNorm, useRecompute } = training
  return new SftTrainer({
    ...parts,
    ...{ seed, epochs, maxSteps, tokensPerMicroBatch, maxGradNorm, useRecompute, learningRateSchedule },
    ...{ examples: data.train.examples, heldOut: data.heldOut.examples, batch: batchOf(training) },
    ...{ evaluateEverySteps: evaluation.everySteps, patience: evaluation.patience },
    checkpointEverySteps: checkpoint.everySteps,
    saving: { merge: section.lora?.merge, base: section.path },
  })
}

/** The recipe says one of the two. */
export const batchOf = ({ batch: { examples, tokens } }: SftRecipe['training']): BatchSize =>
  tokens === undefined ? { examples: examples as number } : { tokens }
