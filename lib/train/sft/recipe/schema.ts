// The recipe of supervised fine-tuning: the model, the conversations, and how it learns from them.
import { z } from 'zod'
import { tooLongActions } from '../../../data/chat/read-examples.js'
import { learnedAnswers } from '../../../data/chat/tokenize.js'
import { aboutKeys } from '../../recipe/about.js'
import { dataSetSection, reading } from '../../recipe/data-set.js'
import { modelSection, optimizerSection } from '../../recipe/sections.js'
import { sftInconsistencies } from './consistency.js'

const count = z.int().min(1)
const { columns, maxBadRows } = reading

const dataSection = z.strictObject({
  /** Rows of messages, of prompt and completion, or of problem and solution. */
  train: dataSetSection,
  /** What the loss is measured on. */
  heldOut: dataSetSection.optional(),
  /** Instead of heldOut: so many examples of train, drawn by the seed, that are not learned from. Fewer than train has. */
  heldOutExamples: count.optional(),
  /** A field and the column that it is taken from, as in `{ problem: question }`, for all data sets of the recipe. */
  columns,
  /** Rows of a set that cannot be used and are passed over; one more ends the run. 0 where left out. */
  maxBadRows,
  /** The user's turn of a row with problem and solution, made of its fields. */
  prompt: z.string().default('{problem}'),
  /** A system turn for conversations that begin without one. */
  system: z.string().optional(),
  /** Which answers of a conversation are learned: all, the last, or the last as it is written, behind the template's prompt. */
  answers: z.enum(learnedAnswers).default('all'),
  /** Tokens of an example, all in all, at least 2; where left out, and at most, one more than the model has positions. */
  maxTokens: z.int().min(2).optional(),
  /** What becomes of a longer one: an error that names it (where left out), left out, or cut at the limit. */
  tooLong: z.enum(tooLongActions).default('error'),
})

/** Of an update: one of the two. */
const batchSection = z
  .strictObject({
    /** So many examples. */
    examples: count.optional(),
    /** As many examples as take so many input tokens together, but at least one. */
    tokens: count.optional(),
  })
  .refine(({ examples, tokens }) => (examples === undefined) !== (tokens === undefined), {
    message: 'expected one of examples and tokens for training.batch',
  })

const trainingSection = z.strictObject({
  /** Times that every example is learned from, each time in another order; 1 where left out. */
  epochs: count.default(1),
  /** Updates of the run at most, which may end it before its epochs do; no bound where left out. */
  maxSteps: count.optional(),
  /** What an update learns from: 16 examples where left out. The last of an epoch may be smaller. */
  batch: batchSection.prefault({ examples: 16 }),
  /** Input tokens that go through the model at once: memory goes with it, the loss and its gradient do not, but for rounding. */
  tokensPerMicroBatch: count.default(32_768),
  /** Largest L2 norm of an update's whole gradient: a longer one is scaled down to it. 1 where left out. */
  maxGradNorm: z.number().gt(0).default(1),
  /** Keeps only the layers' inputs for backward and computes the rest again: less memory, more time, the same bits. */
  useRecompute: z.boolean().default(false),
})

const evaluationSection = z.strictObject({
  /** Steps between two measurements of the held-out loss; there is one before the first step and one at the end in any case. */
  everySteps: count.optional(),
  /** Ends the run after so many measurements in a row without a new best; it goes to its end where left out. */
  patience: count.optional(),
})

const checkpointSection = z.strictObject({
  /** Steps between two; there is one at the end in any case. 100 where left out. */
  everySteps: count.default(100),
  /** The last so many stay; 2 where left out. */
  keepLast: count.default(2),
})

const sections = z.strictObject({
  ...aboutKeys,
  /** What is trained, and how. */
  model: modelSection,
  /** The conversations, and which of their tokens are learned. */
  data: dataSection,
  /** How long, and how much at once. */
  training: trainingSection.prefault({}),
  /** AdamW over all weights that are trained: of a model with adapters, over those. A decay without `steps` ends with the run. */
  optimizer: optimizerSection
    .extend({
      /** The rate at its highest; 1e-5 where left out. */
      learningRate: z.number().min(0).default(1e-5),
    })
    .prefault({}),
  /** When the held-out loss is measured; nothing may be said here of a recipe without held-out examples. */
  evaluation: evaluationSection.prefault({}),
  /** How often the run saves what it needs to go on. */
  checkpoint: checkpointSection.prefault({}),
  /** The run's directory, from where the command is called. */
  out: z.string().min(1).optional(),
})

export const sftRecipeSchema = sections.superRefine((recipe, context) => {
  for (const { path, message } of sftInconsistencies(recipe))
    context.addIssue({ code: 'custom', path: [...path], message })
})

/** The recipe of supervised fine-tuning, with every default filled in. */
export interface SftRecipe extends z.output<typeof sections> {}
