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
  /** The policy: what is trained, and how. */
  model: modelSection,
  /** The problems that are learned from, and those that are held out. */
  data: dataSection,
  /** Supervised training before the first stage, on worked solutions of data.synthetic; none where left out. */
  distill: distillSection.optional(),
  /** How the answers of a step are sampled. */
  rollout: rolloutSection,
  /** What is learned from them: docs/objectives.md has the formulas. */
  objective: objectiveSection.prefault({}),
  /** AdamW over all weights that are trained: of a model with adapters, over those. */
  optimizer: optimizerSection.prefault({}),
  /** What is found out about memory before the first step. */
  memory: memorySection.prefault({}),
  /** How the limit on an answer's length grows, stage by stage. */
  schedule: scheduleSection,
  /** How held-out problems are answered: before the first stage, and after each. */
  evaluation: evaluationSection.prefault({}),
  /** What an answer is worth: docs/rewards.md. */
  reward: rewardSection.prefault({}),
  /** How often the run saves what it needs to go on. */
  checkpoint: checkpointSection.prefault({}),
  /** What is done where the run collapses: docs/guard.md. */
  guard: guardSection.prefault({}),
  /** The run's directory, from where the command is called. */
  out: z.string().min(1).optional(),
})

export const recipeSchema = sections.superRefine((recipe, context) => {
  for (const { path, message } of inconsistencies(recipe)) {
    context.addIssue({ code: 'custom', path: [...path], message })
  }
})

/** The recipe of a run, with every default filled in. An interface, so that messages and documentation call it by its name. */
export interface Recipe extends z.output<typeof sections> {}
