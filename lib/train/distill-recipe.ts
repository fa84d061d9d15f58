// A recipe's supervised phase: the curriculum's worked solutions as tokens, and the options in the terms of distill().
import { promptTokens } from '../data/prompt.js'
import type { SyntheticSource } from '../data/synthetic/digit-recurrence-source.js'
import { TokenizerError } from '../errors.js'
import type { Decoder } from '../models/decoder.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import { type DistillStep, distill, type WorkedExample } from './distill.js'
import type { Recipe } from './recipe/recipe.js'

type DistillSection = NonNullable<Recipe['distill']>

export function distillByRecipe(
  section: DistillSection,
  { model, tokenizer, source, turn }: { model: Decoder; tokenizer: Tokenizer; source: SyntheticSource; turn: string },
  { signal }: { signal?: AbortSignal | undefined },
): AsyncGenerator<DistillStep> {
  const [eosId] = tokenizer.eosIds
  if (eosId === undefined) throw new TokenizerError('[distill] expected an end token in the tokenizer, got none')
  const examples = (step: number, count: number): Promise<WorkedExample[]> =>
    Promise.all(
      source.workedRows(step, count, { maxSteps: hardest(step, section) }).map(async (row) => {
        const prompt = await promptTokens(row, { turn, tokenizer })
        // Rechecks may go on for long; what the model has no positions for is left out.
        const room = model.config.maxPositions + 1 - prompt.length
        return { promptTokens: prompt, solutionTokens: [...tokenizer.encode(row.solution), eosId].slice(0, room) }
      }),
    )
  const until = section.until && { ...section.until, fromStep: section.curriculum?.overSteps ?? 0 }
  const { curriculum: _, betas, ...options } = section
  const [beta1, beta2] = betas
  return distill(model, examples, { ...options, beta1, beta2, until }, { signal })
}

/** The hardest problem of a step: climbs in equal parts from the curriculum's first difficulty to its last. */
export function hardest(step: number, { curriculum }: Pick<DistillSection, 'curriculum'>): number {
  if (!curriculum) return Number.MAX_SAFE_INTEGER
  const { from, to, overSteps } = curriculum
  return Math.min(to, from + Math.floor(((to - from) * step) / overSteps))
}
