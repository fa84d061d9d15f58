// A recipe as a whole: what its sections are, and which of them may be left out.
import { z } from 'zod'
import {
  dataSection,
  distillSection,
  evaluationSection,
  modelSection,
  objectiveSection,
  optimizerSection,
  rewardSection,
  rolloutSection,
  scheduleSection,
} from './sections.js'

export const recipeSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, 'letters, digits, ".", "_" or "-"'),
  seed: z.int().min(0).default(1),
  device: z.string().default('cpu'),
  dtype: z.enum(['f32', 'bf16']).default('f32'),
  model: modelSection,
  data: dataSection,
  distill: distillSection.optional(),
  rollout: rolloutSection,
  objective: objectiveSection.prefault({}),
  optimizer: optimizerSection.prefault({}),
  schedule: scheduleSection,
  evaluation: evaluationSection.prefault({}),
  reward: rewardSection.prefault({}),
  /** The run's folder. */
  out: z.string().min(1).optional(),
})

/** A recipe with every default filled in. */
export type Recipe = z.output<typeof recipeSchema>
