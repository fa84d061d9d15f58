// model.lora, model.adapter and model.baseDtype: training adapters beside a frozen base.
import { z } from 'zod'
import { type LoraOptions, loraTargetNames, loraTargets } from '../../models/lora/config.js'
import type { Inconsistency } from './inconsistency.js'
import type { Recipe } from './recipe.js'

/** Adapters made anew. */
const loraSection = z.strictObject({
  /** Rows of an adapter's first matrix and columns of its second: r of Hu et al. 2021, arXiv 2106.09685. */
  rank: z.int().min(1),
  /** What the adapters add is multiplied by alpha / rank. */
  alpha: z.number().gt(0),
  /** Projections of a layer, by our names or peft's. */
  targets: z
    .array(z.enum(loraTargetNames))
    .min(1)
    .default([...loraTargets]),
  /** Of their first values; the recipe's where left out. */
  seed: z.int().min(0).optional(),
  /** Share of an adapter's input that is dropped in training. Supervised fine-tuning only. */
  dropout: z.number().min(0).lt(1).default(0),
  /** alpha / √rank instead of alpha / rank. */
  useRankStabilization: z.boolean().default(false),
  /** Writes the model as a whole at the end, the adapters merged, instead of the adapters alone. */
  merge: z.boolean().default(false),
})

/** Keys of a model's section. */
export const loraKeys = {
  /** New adapters beside a base that is frozen, not with `adapter`. Without either, every weight of the model is trained. */
  lora: loraSection.optional(),
  /** Folder of adapters that Python's peft or a run here has written, to begin with. */
  adapter: z.string().min(1).optional(),
  /** Of the base's matrices: bf16 halves their memory, for a base that is frozen. */
  baseDtype: z.enum(['f32', 'bf16']).default('f32'),
}

/** A section in the terms of applyLora(): how the model is written at the end is none of them. */
export const adapterOptions = ({ merge: _, ...options }: z.output<typeof loraSection>): LoraOptions => options

type ModelSection = Pick<Recipe['model'], 'lora' | 'adapter' | 'baseDtype'>

/** What no single key of a model's section can say of its adapters. */
export function adapterProblems({ lora, adapter, baseDtype }: ModelSection): Inconsistency[] {
  const hasAdapters = lora !== undefined || adapter !== undefined
  const problems: Inconsistency[] = []
  if (lora && adapter !== undefined)
    problems.push({
      path: ['model', 'lora'],
      message: 'expected no model.lora beside model.adapter, which says it all',
    })
  if (baseDtype === 'bf16' && !hasAdapters)
    problems.push({
      path: ['model', 'baseDtype'],
      message: 'expected model.lora or model.adapter beside model.baseDtype bf16: weights that are trained are in f32',
    })
  return problems
}

/** And what reinforcement learning does not do with them. */
export function loraProblems({ model, distill }: Recipe): Inconsistency[] {
  const problems = adapterProblems(model)
  if ((model.lora?.dropout ?? 0) > 0)
    problems.push({
      path: ['model', 'lora', 'dropout'],
      message:
        'expected 0 for model.lora.dropout: a policy that drops elements while it learns is not the one that sampled; ' +
        `dropout is for supervised fine-tuning, got ${model.lora?.dropout}`,
    })
  if (distill && (model.lora || model.adapter !== undefined))
    problems.push({
      path: ['distill'],
      message: 'expected no distill beside adapters: it teaches a model made from nothing, every weight of it',
    })
  return problems
}
