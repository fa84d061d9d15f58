// What is wrong with the conditions of a stage, if anything.
import { unknownKey } from '../nearest-name.js'
import type { AboveForSteps, Conditions, Drop, Plateau } from './conditions.js'
import { isCount } from './numbers.js'

export type ConditionName = keyof Conditions

const conditionKeys: Record<ConditionName, readonly string[]> = {
  truncatedShare: ['above', 'forSteps'],
  answerLength: ['above', 'forSteps'],
  rewardPlateau: ['overSteps', 'slopeBelow', 'standardErrors'],
  rewardDrop: ['by', 'overSteps'],
}
export const conditionNames = Object.keys(conditionKeys) as ConditionName[]

/** Where the conditions stand, which of them may stand there, and the keys that may be beside them. */
interface Place {
  where: string
  names: readonly ConditionName[]
  others?: readonly string[]
}

export function conditionsProblem(conditions: Conditions, place: Place, limit: number): string | undefined {
  const { where, names } = place
  const { truncatedShare, answerLength, rewardPlateau, rewardDrop } = conditions
  return (
    unknownIn(conditions, { where, known: [...(place.others ?? []), ...names] }) ??
    firstOf(names, (name) => unknownIn(conditions[name], { where: `${where}.${name}`, known: conditionKeys[name] })) ??
    (truncatedShare && truncatedProblem(`${where}.truncatedShare`, truncatedShare)) ??
    (answerLength && lengthProblem(`${where}.answerLength`, answerLength, limit)) ??
    (rewardPlateau && plateauProblem(`${where}.rewardPlateau`, rewardPlateau)) ??
    (rewardDrop && dropProblem(`${where}.rewardDrop`, rewardDrop))
  )
}

/** One alone needs no `all`. */
export function allProblem(all: Conditions, place: Place, limit: number): string | undefined {
  const numGiven = Object.values(all).filter((condition) => condition !== undefined).length
  const missing = numGiven >= 2 ? undefined : `expected at least 2 conditions in ${place.where}, got ${numGiven}`
  return conditionsProblem(all, place, limit) ?? missing
}

export function unknownIn(
  value: object | undefined,
  { where, known }: { where: string; known: readonly string[] },
): string | undefined {
  const unknown = Object.keys(value ?? {}).find((key) => !known.includes(key))
  return unknown === undefined ? undefined : unknownKey(unknown, { known: [...known], where })
}

export const countProblem = (name: string, value: unknown): string | undefined =>
  isCount(value) ? undefined : expected('a positive whole number', name, value)

export const wholeProblem = (name: string, value: unknown): string | undefined =>
  value === 0 || isCount(value) ? undefined : expected('a whole number', name, value)

export const expected = (what: string, name: string, got: unknown): string => `expected ${what} for ${name}, got ${got}`

export function plateauProblem(where: string, plateau: Plateau): string | undefined {
  const { overSteps, slopeBelow, standardErrors = 0 } = plateau
  if (!(standardErrors >= 0 && standardErrors < Number.POSITIVE_INFINITY))
    return expected('a number of at least 0', `${where}.standardErrors`, standardErrors)
  // Two values are on their line whatever they are, and have no standard error.
  const fewest = standardErrors > 0 ? 3 : 2
  if (!(isCount(overSteps) && overSteps >= fewest))
    return expected(`a whole number of at least ${fewest}`, `${where}.overSteps`, overSteps)
  return Number.isFinite(slopeBelow) ? undefined : expected('a number', `${where}.slopeBelow`, slopeBelow)
}

function truncatedProblem(where: string, { above, forSteps }: AboveForSteps): string | undefined {
  if (!(above >= 0 && above < 1)) return expected('a share from 0 to below 1', `${where}.above`, above)
  return countProblem(`${where}.forSteps`, forSteps)
}

function lengthProblem(where: string, { above, forSteps }: AboveForSteps, limit: number): string | undefined {
  if (!(above > 0 && above < limit)) {
    const what = `a share below 1 of maxResponseTokens or fewer tokens than its ${limit}`
    return expected(what, `${where}.above`, above)
  }
  return countProblem(`${where}.forSteps`, forSteps)
}

function dropProblem(where: string, { by, overSteps }: Drop): string | undefined {
  if (!(by > 0 && Number.isFinite(by))) return expected('a number above 0', `${where}.by`, by)
  return countProblem(`${where}.overSteps`, overSteps)
}

function firstOf<Item>(items: readonly Item[], problemOf: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item)
    if (problem !== undefined) return problem
  }
  return undefined
}
