// How long prompts and answers are expected to be, and how much of a step teaches anything: what a user states, what the recipe's own
// worked solutions say, what a published run of the same sizes saw, or a stated share.
import { promptTokens } from '../../data/prompt.js'
import { syntheticSource } from '../../data/synthetic/generators.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import { hardest } from '../distill-recipe.js'
import type { Recipe } from '../recipe/recipe.js'
import { cutWeibull, type Lengths, meanOf, seenLengths } from './lengths.js'
import type { PublishedRun } from './published/published-run.js'

/** What a user states; the rest is assumed. */
export interface Stated {
  /** Mean answer of each stage, in tokens, 1 at least, the last for those that follow; above a stage's limit it is the limit. */
  meanTokens?: readonly number[] | undefined
  /** Mean prompt, in tokens; above rollout.maxPromptTokens it is that. */
  meanPromptTokens?: number | undefined
  /** Of the groups of a step, the share, 0 to 1, of those that are neither all right nor all wrong. */
  trainedShare?: number | undefined
}

/** How long prompts and answers are taken to be, and how much of a step teaches anything. */
export interface Expectation {
  /** Of a prompt, mean. */
  promptTokens: number
  /** Where that comes from, for people. */
  promptWhat: string
  /** Of answers of a stage, by its index from 0 and its limit in tokens. */
  lengths(stage: number, limit: number): Lengths
  /** Of a step's groups, the share of those that are neither all right nor all wrong, 0 to 1. */
  mixedShare: number
  /** Where that comes from, for people. */
  mixedWhat: string
}

/** Of the limit; DeepScaleR's first stage had 3,500 to 5,500 of 8,192 tokens. */
const defaultShare = 0.45
const defaultPromptShare = 0.15
const defaultMixedShare = 0.5
const numWorkedSteps = 20

export async function expectationOf(
  recipe: Recipe,
  stated: Stated,
  { tokenizer, published }: { tokenizer?: Tokenizer | undefined; published?: PublishedRun | undefined },
): Promise<Expectation> {
  const worked = tokenizer && recipe.data.synthetic ? await workedExamples(recipe, tokenizer) : undefined
  const mixed = stated.trainedShare ?? published?.mixedShare
  return {
    ...promptsOf(recipe, stated, { worked, published }),
    lengths: (stage, limit) => answersOf(stage, limit, { stated, worked, published }),
    mixedShare: mixed ?? defaultMixedShare,
    mixedWhat: stated.trainedShare === undefined ? 'assumed' : 'as stated',
  }
}

/** Lengths in tokens of prompts and of worked solutions, the end token included. */
export interface Worked {
  prompts: number[]
  solutions: number[]
}

/**
 * A sample of worked solutions: of the hardest problems, or of those that the supervised phase has over all of its steps, its
 * curriculum's first steps included.
 */
export async function workedExamples(
  { data, seed, distill }: Recipe,
  tokenizer: Tokenizer,
  { of = 'hardest' }: { of?: 'hardest' | 'distill' } = {},
): Promise<Worked | undefined> {
  if (!data.synthetic) return undefined
  const source = syntheticSource(data.synthetic, { seed })
  const worked: Worked = { prompts: [], solutions: [] }
  for (let i = 0; i < numWorkedSteps; i++) {
    const step = Math.floor((i * (distill?.maxSteps ?? numWorkedSteps)) / numWorkedSteps)
    const maxSteps = of === 'distill' && distill ? hardest(step, distill) : Number.MAX_SAFE_INTEGER
    for (const row of source.workedRows(step, 16, { maxSteps })) {
      worked.prompts.push((await promptTokens(row, { turn: data.prompt, tokenizer })).length)
      worked.solutions.push(tokenizer.encode(row.solution).length + 1)
    }
  }
  return worked
}

interface Known {
  worked: Worked | undefined
  published: PublishedRun | undefined
}

function promptsOf({ rollout }: Recipe, { meanPromptTokens }: Stated, { worked, published }: Known) {
  const at = (promptTokens: number, promptWhat: string) => ({
    promptTokens: Math.min(promptTokens, rollout.maxPromptTokens),
    promptWhat,
  })
  if (meanPromptTokens !== undefined) return at(meanPromptTokens, 'as stated')
  if (worked) return at(meanOf(worked.prompts), "the generator's")
  if (published) return at(published.promptTokens, published.promptWhat)
  const share = `${100 * defaultPromptShare}% of the longest prompt, assumed`
  return at(Math.max(1, defaultPromptShare * rollout.maxPromptTokens), share)
}

function answersOf(stage: number, limit: number, { stated, worked, published }: Known & { stated: Stated }): Lengths {
  const { meanTokens } = stated
  if (meanTokens) {
    const mean = Math.min(limit, meanTokens[Math.min(stage, meanTokens.length - 1)] as number)
    return { ...cutWeibull({ mean, limit }), what: 'as stated' }
  }
  if (worked) return seenLengths(worked.solutions, limit, 'worked solutions, cut at the limit')
  const seen = published?.stages[Math.min(stage, published.stages.length - 1)]
  if (seen) return { ...cutWeibull({ mean: Math.min(limit, seen.meanTokens), limit }), what: seen.what }
  return { ...cutWeibull({ mean: defaultShare * limit, limit }), what: `${100 * defaultShare}% of the limit, assumed` }
}
