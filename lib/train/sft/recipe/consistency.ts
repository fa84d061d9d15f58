// What no single key of a supervised recipe can say. Each problem stands at the key that is to be changed.
import { rateProblem } from '../../../optim/learning-rate.js'
import { headProblems, ropeProblems } from '../../recipe/consistency.js'
import type { Inconsistency } from '../../recipe/inconsistency.js'
import { adapterProblems } from '../../recipe/lora.js'
import type { SftRecipe } from './schema.js'

export function sftInconsistencies(recipe: SftRecipe): Inconsistency[] {
  return [
    ...headProblems(recipe),
    ...ropeProblems(recipe),
    ...adapterProblems(recipe.model),
    ...tokenizerProblems(recipe),
    ...heldOutProblems(recipe),
    ...rateProblems(recipe),
  ]
}

function tokenizerProblems({ model: { create, tokenizer } }: SftRecipe): Inconsistency[] {
  if (!create || tokenizer !== undefined) return []
  return [{ path: ['model'], message: 'missing key model.tokenizer: a model made from nothing has none' }]
}

function heldOutProblems({ data: { heldOut, heldOutExamples }, evaluation }: SftRecipe): Inconsistency[] {
  if (heldOut !== undefined && heldOutExamples !== undefined)
    return [{ path: ['data', 'heldOutExamples'], message: 'expected no data.heldOutExamples beside data.heldOut' }]
  if (heldOut !== undefined || heldOutExamples !== undefined) return []
  return Object.entries(evaluation).flatMap(([key, value]) => {
    const message = `expected data.heldOut or data.heldOutExamples beside evaluation.${key}`
    return value === undefined ? [] : [{ path: ['evaluation', key], message }]
  })
}

/** A decay without steps ends with the run, however long that will be. */
function rateProblems({ optimizer: { learningRateSchedule: schedule } }: SftRecipe): Inconsistency[] {
  const { warmupSteps = 0, steps = Math.max(1, warmupSteps) } = schedule ?? {}
  const message = rateProblem({ ...schedule, steps })
  return message === undefined ? [] : [{ path: ['optimizer', 'learningRateSchedule'], message }]
}
