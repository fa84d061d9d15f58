// A stage of the context schedule, and what makes a list of them sensible.

import { unknownKey } from '../nearest-name.js'
import { type LearningRateSchedule, rateProblem } from '../optim/learning-rate.js'
import { type Back, backProblem } from './back.js'
import { isCount } from './numbers.js'
import { type OnPlateau, onPlateauProblem } from './on-plateau.js'
import { type Reset, resettable } from './reset.js'
import { type RowSelection, selectionProblem } from './row-selection.js'
import { type Until, untilProblem } from './until.js'

/** What a stage may have of its own; the run's where left out. */
export interface StageSettings {
  /** Answers per prompt, at least 1: the size of a group. */
  numAnswers?: number | undefined
  /** Of sampling, above 0; log-probabilities are taken at it too. */
  temperature?: number | undefined
  /** Above 0: a ratio below 1 − clipLow is clipped. From 1 on there is no lower clip. */
  clipLow?: number | undefined
  /** Above 0: a ratio above 1 + clipHigh is clipped. Infinity: no upper clip. */
  clipHigh?: number | undefined
  /** Above 1: no loss of a negative advantage is more than this many times its size (Ye et al. 2020, arXiv 1912.09729). Infinity: none. */
  dualClip?: number | undefined
  /** At least 0: weight of the KL term to the reference. A run whose weight is 0 in every stage has no reference. */
  klWeight?: number | undefined
  /** Of the KL term a token, with x = log π − log π_ref: k1 is x, k2 is x²/2, k3 is e^−x + x − 1 (Schulman 2020, "Approximating KL divergence"). */
  klEstimator?: 'k1' | 'k2' | 'k3' | undefined
  /** At least 0: weight of the mean entropy, which the loss is lowered by. Not beside the run's adaptiveEntropy. */
  entropyWeight?: number | undefined
  /** At least 0, at its peak. Where given, even as the run has it, the rate's schedule begins anew with the stage. */
  learningRate?: number | undefined
  /** How the rate moves, counted in steps from the stage's first one: where given, it begins anew with the stage. */
  learningRateSchedule?: LearningRateSchedule | undefined
}

/** One stage of a run: a limit on answers, when it is over, and what it does otherwise than the run. */
export interface Stage extends StageSettings {
  /** The longest answer, in tokens, at least 1; a longer one is cut, and counts as wrong whatever its text. */
  maxResponseTokens: number
  /** What begins anew with this stage; a reference becomes the stage's starting weights. Not where the run comes back to it. */
  reset?: readonly Reset[] | undefined
  /** Says that a limit below that of the stage before is meant, which is an error without it. */
  mayShrink?: boolean | undefined
  /** The rows that it trains on; their order begins anew with it, and with the stage after it. */
  select?: RowSelection | undefined
  /** When the stage is over; only the last may go without, and then has no end. */
  until?: Until | undefined
  /** When the run goes back to the stage before, whose end then counts anew. */
  back?: Back | undefined
  /** What begins anew within the stage when the reward no longer rises. */
  onPlateau?: OnPlateau | undefined
}

const settingKeys: Record<keyof StageSettings, true> = {
  ...{ numAnswers: true, temperature: true, clipLow: true, clipHigh: true, klWeight: true, klEstimator: true },
  ...{ dualClip: true, entropyWeight: true, learningRate: true, learningRateSchedule: true },
}
export const stageSettingNames = Object.keys(settingKeys) as (keyof StageSettings)[]
const stageKeys = [
  'maxResponseTokens',
  ...stageSettingNames,
  'reset',
  'mayShrink',
  'select',
  'until',
  'back',
  'onPlateau',
]

export interface StageProblem {
  /** Where in the list, from 0, and which of the stage's fields. */
  index: number
  key: string
  message: string
}

/** Everything that is wrong with a list of stages. */
export function stageProblems(stages: readonly Stage[]): StageProblem[] {
  return stages.flatMap((stage, index) => [
    ...unknownKeys(stage, index),
    ...limitProblems(stage, index, stages[index - 1]),
    ...untilProblems(stage, index, { isLast: index === stages.length - 1 }),
    ...problemAt('back', index, backProblem(stage, { isFirst: index === 0 })),
    ...problemAt('onPlateau', index, onPlateauProblem(stage.onPlateau)),
    ...resetProblems(stage, index),
    ...settingProblems(stage, index),
    ...rateProblems(stage, index),
    ...selectProblems(stage, index),
  ])
}

/** Whether the learning rate's schedule begins anew with this stage, rather than goes on. */
export const startsRate = ({ reset, learningRate, learningRateSchedule }: Stage): boolean =>
  reset?.includes('optimizer') === true || learningRate !== undefined || learningRateSchedule !== undefined

/** Whether the order of the data begins anew with a stage. */
export const startsOrder = ({ reset, select }: Stage, before: Stage | undefined): boolean =>
  reset?.includes('dataOrder') === true || select !== undefined || before?.select !== undefined

/** Whether rewards of the one stage say what to expect of the other's: the same rows, sampled alike. */
export const isComparable = (before: Stage, { select, temperature }: Stage): boolean =>
  select === undefined && before.select === undefined && temperature === before.temperature

function problemAt(key: keyof Stage, index: number, message: string | undefined): StageProblem[] {
  return message === undefined ? [] : [{ index, key, message }]
}

function unknownKeys(stage: Stage, index: number): StageProblem[] {
  const unknown = Object.keys(stage).filter((key) => !stageKeys.includes(key))
  return unknown.map((key) => ({ index, key, message: unknownKey(key, { known: stageKeys }) }))
}

function limitProblems(stage: Stage, index: number, before: Stage | undefined): StageProblem[] {
  const key = 'maxResponseTokens'
  const limit = stage.maxResponseTokens
  if (!isCount(limit)) return [{ index, key, message: `expected a positive whole number for ${key}, got ${limit}` }]
  if (before === undefined || limit >= before.maxResponseTokens || stage.mayShrink === true) return []
  const expected = `expected at least ${before.maxResponseTokens} for ${key}, the limit of the stage before`
  return [{ index, key, message: `${expected}, got ${limit}; where a shorter context is meant, say mayShrink: true` }]
}

function untilProblems(stage: Stage, index: number, { isLast }: { isLast: boolean }): StageProblem[] {
  const problem = (message: string): StageProblem[] => [{ index, key: 'until', message }]
  if (stage.until === undefined) return isLast ? [] : problem('expected until: only the last stage may have no end')
  const message = untilProblem(stage)
  return message === undefined ? [] : problem(message)
}

function resetProblems({ reset = [] }: Stage, index: number): StageProblem[] {
  const wrong = reset.filter((name) => !resettable.includes(name))
  const expected = `expected ${resettable.join(', ')} in reset`
  return wrong.map((name) => ({ index, key: 'reset', message: `${expected}, got ${name}` }))
}

function settingProblems(stage: Stage, index: number): StageProblem[] {
  return settingRules.flatMap(({ keys, expected, isSound }) =>
    keys.flatMap((key) => {
      const value = stage[key]
      const message = `expected ${expected} for ${key}, got ${value}`
      return value === undefined || isSound(value) ? [] : [{ index, key, message }]
    }),
  )
}

function rateProblems({ learningRateSchedule = {} }: Stage, index: number): StageProblem[] {
  const message = rateProblem(learningRateSchedule)
  return message === undefined ? [] : [{ index, key: 'learningRateSchedule', message }]
}

function selectProblems({ select }: Stage, index: number): StageProblem[] {
  const message = select && selectionProblem(select, { isFirst: index === 0 })
  return message === undefined ? [] : [{ index, key: 'select', message }]
}

const isNumber = (value: unknown): value is number => Number.isFinite(value)

const settingRules: {
  keys: readonly Exclude<keyof StageSettings, 'learningRateSchedule'>[]
  expected: string
  isSound: (value: unknown) => boolean
}[] = [
  { keys: ['numAnswers'], expected: 'a positive whole number', isSound: isCount },
  { keys: ['temperature', 'clipLow'], expected: 'a number above 0', isSound: (value) => isNumber(value) && value > 0 },
  // Infinity: no upper clip.
  { keys: ['clipHigh'], expected: 'more than 0', isSound: (value) => typeof value === 'number' && value > 0 },
  { keys: ['dualClip'], expected: 'more than 1', isSound: (value) => typeof value === 'number' && value > 1 },
  {
    keys: ['klWeight', 'entropyWeight', 'learningRate'],
    expected: 'a number of at least 0',
    isSound: (value) => isNumber(value) && value >= 0,
  },
  {
    keys: ['klEstimator'],
    expected: 'k1, k2 or k3',
    isSound: (value) => value === 'k1' || value === 'k2' || value === 'k3',
  },
]
