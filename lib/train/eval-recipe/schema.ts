// The recipe of an evaluation: the model, the sets, and how every problem is answered and graded.
import { z } from 'zod'
import { publishedNames } from '../../eval/published.js'
import { dataSetSection, reading } from '../recipe/data-set.js'

const count = z.int().min(1)
const name = z.string().min(1)

const modelSection = z
  .strictObject({
    /** A Hugging Face folder. */
    path: name.optional(),
    /** The address of a server that speaks OpenAI's chat completions. */
    server: name.optional(),
    /** Beside server: its name for the model. */
    name: name.optional(),
  })
  .superRefine(({ path, server, name }, context) => {
    if ((path === undefined) === (server === undefined))
      context.addIssue({ code: 'custom', message: 'expected exactly one of path, server for model' })
    if ((server === undefined) !== (name === undefined))
      context.addIssue({ code: 'custom', message: 'expected model.name beside model.server, and only there' })
  })

const dataSection = z
  .strictObject({
    /** By the names that reports use; the random numbers of a set follow from its name. */
    sets: z.record(name, dataSetSection),
    /** Of a set: how many it must have. */
    numProblems: z.record(name, count).optional(),
    ...reading,
    /** The user's turn, made of a row's fields. */
    prompt: z.string().default('{problem}'),
  })
  .superRefine(({ sets, numProblems = {} }, context) => {
    if (Object.keys(sets).length === 0)
      context.addIssue({ code: 'custom', path: ['sets'], message: 'expected at least one set in data.sets' })
    for (const set of Object.keys(numProblems))
      if (!Object.hasOwn(sets, set))
        context.addIssue({
          ...{ code: 'custom', path: ['numProblems', set] },
          message: `expected one of data.sets for data.numProblems.${set}: ${Object.keys(sets).join(', ')}`,
        })
  })

export const evalRecipeSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, 'letters, digits, ".", "_" or "-"'),
  seed: z.int().min(0).default(0),
  model: modelSection,
  data: dataSection,
  samplesPerProblem: count.max(4096),
  maxResponseTokens: count,
  temperature: z.number().min(0),
  /** 0: all tokens. */
  topK: z.int().min(0).default(0),
  topP: z.number().gt(0).max(1).default(1),
  grading: z
    .strictObject({
      mode: z.enum(['exact', 'deepscaler']).default('exact'),
      /** An answer counts only after </think>. */
      needsThinkingClosed: z.boolean().default(true),
    })
    .prefault({}),
  /** A published table that the report shows beside. */
  beside: z.enum(publishedNames).optional(),
})

export type EvalRecipe = z.output<typeof evalRecipeSchema>
