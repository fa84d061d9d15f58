// The data of a shrunken recipe: sums of one digit and up to six more, in the place of whatever it names. Pure.
import type { Recipe } from '../schema.js'

type Select = NonNullable<Recipe['schedule']['stages'][number]['select']>

const fewestSteps = 1
const mostSteps = 6
const numRows = 48

/** Of a problem that adds so many digits: itself, the digit it begins with, and the token that begins the answer. */
const promptTokensOf = (numSteps: number): number => numSteps + 2

export const tinyPromptTokens = promptTokensOf(mostSteps)

/** A list where the recipe has data sets, since it may select from them; problems without end where it has a generator. */
export function tinyData({ synthetic, difficulty }: Recipe['data']): Recipe['data'] {
  const { slip, mend, recheck } = synthetic ?? { slip: 0.08, mend: 0.5, recheck: 0.35 }
  return {
    synthetic: {
      generator: 'modular-sum',
      ...(!synthetic || synthetic.numRows !== undefined ? { numRows } : {}),
      ...{ minSteps: fewestSteps, maxSteps: mostSteps, slip, mend, recheck },
    },
    difficulty,
    prompt: '{problem}',
  }
}

/** A curriculum of the supervised phase over these problems. */
export const tinyCurriculum = { from: fewestSteps, to: mostSteps }

/**
 * The bounds on prompts' lengths, as quantiles of the rows: K places where the recipe cuts its data cut these rows into K + 1 parts,
 * as equal as their lengths allow. Rows of every length are about as many.
 */
export function promptBounds(
  stages: Recipe['schedule']['stages'],
): (select: Select) => Pick<Select, 'minPromptTokens' | 'maxPromptTokens'> {
  const cuts = new Set<number>()
  for (const { select: { minPromptTokens, maxPromptTokens } = {} } of stages) {
    if (maxPromptTokens !== undefined) cuts.add(maxPromptTokens)
    if (minPromptTokens !== undefined) cuts.add(minPromptTokens - 1)
  }
  const ordered = [...cuts].sort((a, b) => a - b)
  const numLengths = mostSteps - fewestSteps + 1
  /** The longest prompts before a cut. */
  const longestBefore = (cut: number): number => {
    const numBefore = Math.round((numLengths * (ordered.indexOf(cut) + 1)) / (ordered.length + 1))
    return promptTokensOf(fewestSteps + numBefore - 1)
  }
  return ({ minPromptTokens: min, maxPromptTokens: max }) => ({
    ...(min !== undefined && { minPromptTokens: longestBefore(min - 1) + 1 }),
    ...(max !== undefined && { maxPromptTokens: longestBefore(max) }),
  })
}
