// What a step samples beyond its first prompts, what overlong answers cost, and the entropy bonus that follows a target.
import { z } from 'zod'
import type { Stage } from '../../schedule/stage.js'
import { expectedAt, type Inconsistency } from './inconsistency.js'
import type { KeyPath } from './source.js'

const count = z.int().min(1)
const positive = z.number().gt(0)

/** rollout.dynamicSampling: groups whose answers are all right, or all wrong, are left out and others sampled for them. */
export const dynamicSamplingSection = z.strictObject({
  /** Rounds of sampling in a step, the first included; then the step learns from the groups that it has. 10 where left out. */
  maxRounds: count.default(10),
})

/** objective.overlong: answers cut at the limit are learned from as wrong ones, or masked out of the loss. */
export const overlongChoice = z.enum(['keep', 'mask'])

/** reward.overlongPenalty: 0 up to the limit less the buffer, then falling linearly to −weight at the limit. */
export const overlongPenaltySection = z.strictObject({
  /** L_c: the last so many tokens before the limit, within which the penalty grows; fewer than the shortest stage's limit. */
  bufferTokens: count,
  /** What the penalty at the limit takes from the score; 1 where left out. */
  weight: positive.default(1),
})

/** objective.adaptiveEntropy: entropyWeight is then where the weight begins. */
export const adaptiveEntropySection = z.strictObject({
  /** In nats a token. */
  target: positive,
  /** By how much the weight moves each step: up after a step whose entropy was below the target, else down. */
  delta: positive,
  /** The weight's lower bound; 0 where left out. */
  min: z.number().min(0).default(0),
  /** The weight's upper bound; entropyWeight, where it begins, may not be above it. */
  max: positive,
})

interface Settings {
  numAnswers: number
  dynamicSampling?: z.output<typeof dynamicSamplingSection> | undefined
  overlongPenalty?: z.output<typeof overlongPenaltySection> | undefined
  adaptiveEntropy?: z.output<typeof adaptiveEntropySection> | undefined
  entropyWeight: number
  stages: readonly Stage[]
}

/** Where the settings stand; in a trainer's options, nowhere in particular. */
export interface SettingPlaces {
  rollout: KeyPath
  objective: KeyPath
  reward: KeyPath
  stages: KeyPath
}

/** What these settings, those of the stages among them, have against each other. */
export const collectProblems = (settings: Settings, at: SettingPlaces): Inconsistency[] => [
  ...samplingProblems(settings, at),
  ...bufferProblems(settings, at),
  ...entropyProblems(settings, at),
]

function samplingProblems({ dynamicSampling, numAnswers, stages }: Settings, at: SettingPlaces): Inconsistency[] {
  if (!dynamicSampling) return []
  const places = [
    { path: [...at.rollout, 'numAnswers'], value: numAnswers, isUsed: stages.some((s) => s.numAnswers === undefined) },
    ...stages.map((stage, i) => ({ path: [...at.stages, i, 'numAnswers'], value: stage.numAnswers, isUsed: true })),
  ]
  const single = places.filter(({ value, isUsed }) => isUsed && value === 1)
  return single.map(({ path }) => expectedAt(path, 'at least 2 answers a prompt, for dynamicSampling,', 1))
}

function bufferProblems({ overlongPenalty, stages }: Settings, at: SettingPlaces): Inconsistency[] {
  const shortest = Math.min(...stages.map(({ maxResponseTokens }) => maxResponseTokens))
  if (!overlongPenalty || overlongPenalty.bufferTokens < shortest) return []
  const path = [...at.reward, 'overlongPenalty', 'bufferTokens']
  const expected = `less than ${shortest}, the shortest stage's maxResponseTokens,`
  return [expectedAt(path, expected, overlongPenalty.bufferTokens)]
}

function entropyProblems({ adaptiveEntropy, entropyWeight, stages }: Settings, at: SettingPlaces): Inconsistency[] {
  if (!adaptiveEntropy) return []
  const { min, max } = adaptiveEntropy
  const problems = stages.flatMap((stage, i): Inconsistency[] => {
    const path = [...at.stages, i, 'entropyWeight']
    const message = `expected no ${path.join('.')} beside adaptiveEntropy, which sets it`
    return stage.entropyWeight === undefined ? [] : [{ path, message }]
  })
  if (min > max) problems.push(expectedAt([...at.objective, 'adaptiveEntropy', 'min'], `at most max = ${max}`, min))
  else if (entropyWeight > max)
    problems.push(expectedAt([...at.objective, 'entropyWeight'], `at most adaptiveEntropy.max = ${max}`, entropyWeight))
  return problems
}
