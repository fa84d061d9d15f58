// What no single key can say: values that must fit each other. Each problem stands at the key that is to be changed.
import { isSupportedHeadSize, supportedHeadSizes } from '../../models/head-size.js'
import { rateProblem } from '../../optim/learning-rate.js'
import { collectProblems } from './collect.js'
import { expectedAt, type Inconsistency } from './inconsistency.js'
import { longestOf, neededPositions } from './limits.js'
import { loraProblems } from './lora.js'
import { objectiveProblems } from './objective.js'
import { ropeProblem } from './rope.js'
import type { Recipe } from './schema.js'
import type { KeyPath } from './source.js'

export function inconsistencies(recipe: Recipe): Inconsistency[] {
  return [
    ...headProblems(recipe),
    ...positionProblems(recipe),
    ...ropeProblems(recipe),
    ...dataProblems(recipe),
    ...selectionProblems(recipe),
    ...emptySelections(recipe),
    ...distillProblems(recipe),
    ...loraProblems(recipe),
    ...referenceProblems(recipe),
    ...rateProblems(recipe),
    ...evaluationProblems(recipe),
    ...objectiveProblems({ ...recipe.objective, ...recipe.schedule }, settingPlaces),
    ...collectProblems({ ...recipe.rollout, ...recipe.objective, ...recipe.reward, ...recipe.schedule }, settingPlaces),
  ]
}

const settingPlaces = {
  ...{ rollout: ['rollout'], objective: ['objective'], reward: ['reward'] },
  stages: ['schedule', 'stages'],
}

export function headProblems({ model: { create, shape } }: Pick<Recipe, 'model'>): Inconsistency[] {
  if (create && shape)
    return [{ path: ['model', 'shape'], message: 'expected no model.shape: model.create says it all' }]
  return [
    ...(create ? headProblemsOf(create, ['model', 'create']) : []),
    ...(shape ? headProblemsOf(shape, ['model', 'shape']) : []),
  ]
}

type Heads = Pick<NonNullable<Recipe['model']['shape']>, 'hiddenSize' | 'numHeads' | 'numKeyValueHeads' | 'headSize'>

function headProblemsOf({ hiddenSize, numHeads, numKeyValueHeads, headSize }: Heads, at: KeyPath): Inconsistency[] {
  const problems: Inconsistency[] = []
  if (headSize !== undefined && !isSupportedHeadSize(headSize))
    problems.push(expectedAt([...at, 'headSize'], supportedHeadSizes, headSize))
  if (headSize === undefined && !isSupportedHeadSize(hiddenSize / numHeads))
    problems.push(expectedAt([...at, 'hiddenSize'], `numHeads = ${numHeads} times ${supportedHeadSizes}`, hiddenSize))
  if (numHeads % numKeyValueHeads !== 0)
    problems.push(expectedAt([...at, 'numKeyValueHeads'], `a divisor of numHeads = ${numHeads}`, numKeyValueHeads))
  return problems
}

function positionProblems(recipe: Recipe): Inconsistency[] {
  const { create } = recipe.model
  const { needed, sum } = neededPositions(recipe)
  if (!create || create.maxPositions >= needed) return []
  return [expectedAt(['model', 'create', 'maxPositions'], `at least ${needed}, ${sum},`, create.maxPositions)]
}

export function ropeProblems({ model: { create } }: Pick<Recipe, 'model'>): Inconsistency[] {
  const message = create?.ropeScaling && ropeProblem(create.ropeScaling)
  return message === undefined ? [] : [{ path: ['model', 'create', 'ropeScaling'], message }]
}

function dataProblems({ model, data }: Recipe): Inconsistency[] {
  const { synthetic, train, heldOut, heldOutSets } = data
  const problems: Inconsistency[] = []
  if (synthetic && heldOut !== undefined)
    problems.push({ path: ['data', 'heldOut'], message: 'expected no data.heldOut: data.synthetic makes its own' })
  if (synthetic && heldOutSets)
    problems.push({ path: ['data', 'heldOutSets'], message: 'expected no data.heldOutSets beside data.synthetic' })
  if (heldOutSets && (heldOut !== undefined || Object.keys(heldOutSets).length === 0))
    problems.push({ path: ['data', 'heldOutSets'], message: 'expected sets in data.heldOutSets, and no data.heldOut' })
  if (synthetic && synthetic.minSteps > synthetic.maxSteps) {
    const path = ['data', 'synthetic', 'minSteps']
    problems.push(expectedAt(path, `at most maxSteps = ${synthetic.maxSteps}`, synthetic.minSteps))
  }
  if (train !== undefined && heldOut === undefined && !heldOutSets)
    problems.push({ path: ['data'], message: 'missing key data.heldOut: every phase is evaluated on its problems' })
  if (train !== undefined && model.create && model.tokenizer === undefined)
    problems.push({ path: ['model'], message: 'missing key model.tokenizer: a model made from nothing has none' })
  return problems
}

/** Bounds that no row can be within, whatever the data. */
function emptySelections({ data: { difficulty }, rollout, schedule: { stages } }: Recipe): Inconsistency[] {
  const { maxPromptTokens } = rollout
  return stages.flatMap(({ select = {} }, i) => {
    const at = (key: string): KeyPath => ['schedule', 'stages', i, 'select', key]
    const { minPromptTokens = 0, minPassRate = 0, maxPassRate = 1 } = select
    const { min = 0, max = 1 } = difficulty ?? {}
    const problems: Inconsistency[] = []
    if (minPromptTokens > maxPromptTokens) {
      const expected = `at most rollout.maxPromptTokens = ${maxPromptTokens}`
      problems.push(expectedAt(at('minPromptTokens'), expected, minPromptTokens))
    }
    if (minPassRate > max)
      problems.push(expectedAt(at('minPassRate'), `at most data.difficulty.max = ${max}`, minPassRate))
    if (maxPassRate < min)
      problems.push(expectedAt(at('maxPassRate'), `at least data.difficulty.min = ${min}`, maxPassRate))
    return problems
  })
}

/** Problems of a generator are made as they are needed, so there are none to select from unless it makes a list. */
function selectionProblems({ data: { synthetic, difficulty }, schedule: { stages } }: Recipe): Inconsistency[] {
  const problems: Inconsistency[] = []
  if (difficulty && difficulty.min > difficulty.max)
    problems.push(expectedAt(['data', 'difficulty', 'min'], `at most max = ${difficulty.max}`, difficulty.min))
  if (!synthetic || synthetic.numRows !== undefined) return problems
  const beside = (path: KeyPath) => ({ path, message: `expected no ${path.join('.')} beside data.synthetic` })
  if (difficulty) problems.push(beside(['data', 'difficulty']))
  const selecting = stages.flatMap(({ select }, i) => (select ? [beside(['schedule', 'stages', i, 'select'])] : []))
  return [...problems, ...selecting]
}

function distillProblems({ distill, data: { synthetic } }: Recipe): Inconsistency[] {
  if (!distill) return []
  if (!synthetic)
    return [{ path: ['distill'], message: 'expected data.synthetic beside distill: it needs worked solutions' }]
  const { maxSteps, warmupSteps, cooldownSteps, until, curriculum } = distill
  const problems: Inconsistency[] = []
  if (warmupSteps + cooldownSteps > maxSteps)
    problems.push(expectedAt(['distill', 'maxSteps'], 'at least warmupSteps + cooldownSteps', maxSteps))
  if (until && until.overSteps > maxSteps)
    problems.push(expectedAt(['distill', 'until', 'overSteps'], `at most maxSteps = ${maxSteps}`, until.overSteps))
  if (!curriculum) return problems
  const { from, to } = curriculum
  if (from > to) problems.push(expectedAt(['distill', 'curriculum', 'from'], `at most to = ${to}`, from))
  if (from < synthetic.minSteps) {
    const expected = `at least data.synthetic.minSteps = ${synthetic.minSteps}`
    problems.push(expectedAt(['distill', 'curriculum', 'from'], expected, from))
  }
  return problems
}

function referenceProblems({ objective, schedule: { stages } }: Recipe): Inconsistency[] {
  if (stages.some(({ klWeight = objective.klWeight }) => klWeight > 0)) return []
  return stages.flatMap(({ reset, back, onPlateau }, i) => {
    const lists = { reset, 'back.reset': back?.reset, 'onPlateau.reset': onPlateau?.reset }
    return Object.entries(lists).flatMap(([key, names = []]) => {
      const at = names.indexOf('reference')
      const path = ['schedule', 'stages', i, ...key.split('.'), at]
      return at < 0 ? [] : [{ path, message: `expected a klWeight above 0 beside ${path.join('.')}: reference` }]
    })
  })
}

/** The stages' own limits are cuts of the evaluation's answers. */
function evaluationProblems({ evaluation: { maxResponseTokens: limit }, schedule }: Recipe): Inconsistency[] {
  const longest = longestOf(schedule)
  if (limit === undefined || limit >= longest) return []
  return [expectedAt(['evaluation', 'maxResponseTokens'], `at least ${longest}, the longest stage's,`, limit)]
}

function rateProblems({ optimizer }: Recipe): Inconsistency[] {
  const message = rateProblem(optimizer.learningRateSchedule ?? {})
  return message === undefined ? [] : [{ path: ['optimizer', 'learningRateSchedule'], message }]
}
