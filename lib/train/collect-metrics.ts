// What a step's sampling says in numbers. Pure.
import { isRight, type ScoredAnswer } from '../eval/answer-rows.js'
import type { Collected } from './collect-groups.js'

export interface CollectMetrics {
  /** Share of the scored answers that are right, whatever else their scores are made of. */
  passRate: number
  /** Means over the scored answers of what scores are made of, without weights; undefined with one reward and no penalty. */
  rewardParts?: Record<string, number>
  /** Batches of rows drawn for the step. */
  numBatches: number
  /** Times that prompts were sampled: 1 without dynamic sampling. */
  numRounds: number
  /** Groups that the step learns from, of those sampled. */
  numGroups: number
  numSampledGroups: number
  /** Answers of the groups kept that are out of the loss. */
  numMaskedAnswers: number
}

/** There must be a scored answer. */
export function collectMetrics({ groups, sampled, numBatches, promptsOfRounds }: Collected): CollectMetrics {
  const scored = sampled.flat().filter(({ score }) => score !== undefined)
  const rewardParts = meanParts(scored)
  return {
    passRate: scored.filter(isRight).length / scored.length,
    ...(rewardParts && { rewardParts }),
    ...{ numBatches, numRounds: promptsOfRounds.length, numGroups: groups.length, numSampledGroups: sampled.length },
    numMaskedAnswers: groups.flat().filter(({ isMasked }) => isMasked).length,
  }
}

/** An answer cut at the limit was not asked about, and counts as 0 in every reward's mean. */
function meanParts(answers: readonly ScoredAnswer[]): Record<string, number> | undefined {
  const sums = new Map<string, number>()
  for (const { verdict } of answers)
    for (const [name, value] of Object.entries(verdict?.parts ?? {})) sums.set(name, (sums.get(name) ?? 0) + value)
  if (sums.size === 0) return undefined
  return Object.fromEntries([...sums].map(([name, sum]) => [name, sum / answers.length]))
}

/** What a step that did not get its prompts says of it, for people; undefined where it did. */
export function shortfallText(
  { groups, sampled, promptsOfRounds }: Omit<Collected, 'numBatches'>,
  { promptsPerStep }: { promptsPerStep: number },
): string | undefined {
  if (groups.length >= promptsPerStep) return undefined
  const kept = `${groups.length} of ${promptsPerStep} groups kept`
  const uniform = `${sampled.length - groups.length} of ${sampled.length} sampled had answers all as right as each other`
  const numRounds = promptsOfRounds.length
  const rounds = numRounds === 1 ? '1 round' : `${numRounds} rounds`
  return `${kept} after ${rounds}: ${uniform}${groups.length === 0 ? '; nothing is learned from this step' : ''}`
}
