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
  /** Instead of heldOut: so many examples of train, drawn by the seed, that are not learned from. */
  heldOutExamples: count.optional(),
  columns,
  maxBadRows,
  /** The user's turn of a row with problem and solution, made of its fields. */
  prompt: z.string().default('{problem}'),
  /** A system turn for conversations that begin without one. */
  system: z.string().optional(),
  /** Which answers of a conversation are learned: all, the last, or the last as it is written, behind the template's prompt. */
  answers: z.enum(learnedAnswers).default('all'),
  /** Of an example, all in all; as many as the model has positions for where left out. */
  maxTokens: z.int().min(2).optional(),
  /** What becomes of a longer one. */
  tooLong: z.enum(tooLongActions).default('error'),
})

/** Of an update: one of the two. */
const batchSection = z
  .strictObject({ examples: count.optional(), tokens: count.optional() })
  .refine(({ examples, tokens }) => (examples === undefined) !== (tokens === undefined), {
    message: 'expected one of examples and tokens for training.batch',
  })

const trainingSection = z.strictObject({
  epochs: count.default(1),
  /** Ends the run before its epochs do. */
  maxSteps: count.optional(),
  batch: batchSection.prefault({ examples: 16 }),
  /** Memory goes with it; the loss and its gradient do not, but for rounding. */
  tokensPerMicroBatch: count.default(32_768),
  maxGradNorm: z.number().gt(0).default(1),
  /** Keeps only the layers' inputs for backward and computes the rest again: less memory, more time, the same bits. */
  useRecompute: z.boolean().default(false),
})

const evaluationSection = z.strictObject({
  /** Steps between two measurements; there is one before the first step and one at the end in any case. */
  everySteps: count.optional(),
  /** Ends the run after so many measurements in a row without a new best. */
  patience: count.optional(),
})

const checkpointSection = z.strictObject({
  /** Steps between two; there is one at the end in any case. */
  everySteps: count.default(100),
  /** The last so many stay. */
  keepLast: count.default(2),
})

const sections = z.strictObject({
  ...aboutKeys,
  model: modelSection,
  data: dataSection,
  training: trainingSection.prefault({}),
  optimizer: optimizerSection.extend({ learningRate: z.number().min(0).default(1e-5) }).prefault({}),
  evaluation: evaluationSection.prefault({}),
  checkpoint: checkpointSection.prefault({}),
  /** The run's directory, from where the command is called. */
  out: z.string().min(1).optional(),
})

export const sftRecipeSchema = sections.superRefine((recipe, context) => {
  for (const { path, message } of sftInconsistencies(recipe))
    context.addIssue({ code: 'custom', path: [...path], message })
})

/** A recipe with every default filled in. */
export type SftRecipe = z.output<typeof sections>
