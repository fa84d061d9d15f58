// A recipe as a whole: what its sections are, and which of them may be left out.
import { z } from 'zod'
import { aboutKeys } from './about.js'
import { checkpointSection } from './checkpoint.js'
import { inconsistencies } from './consistency.js'
import { guardSection } from './guard.js'
import { memorySection } from './memory.js'
import { objectiveSection } from './objective.js'
import {
  dataSection,
  distillSection,
  evaluationSection,
  modelSection,
  optimizerSection,
  rewardSection,
  rolloutSection,
} from './sections.js'
import { scheduleSection } from './stage.js'

const sections = z.strictObject({
  ...aboutKeys,
  model: modelSection,
  data: dataSection,
  distill: distillSection.optional(),
  rollout: rolloutSection,
  objective: objectiveSection.prefault({}),
  optimizer: optimizerSection.prefault({}),
  memory: memorySection.prefault({}),
  schedule: scheduleSection,
  evaluation: evaluationSection.prefault({}),
  reward: rewardSection.prefault({}),
  checkpoint: checkpointSection.prefault({}),
  guard: guardSection.prefault({}),
  /** The run's directory, from where the command is called. */
  out: z.string().min(1).optional(),
})

export const recipeSchema = sections.superRefine((recipe, context) => {
  for (const { path, message } of inconsistencies(recipe)) {
    context.addIssue({ code: 'custom', path: [...path], message })
  }
})

/** A recipe with every default filled in. */
export type Recipe = z.output<typeof sections>
