// Several rewards as one: their weighted sum.

import { checkOptions, type OptionKeys, requireArrays } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import type { Reward, RewardSample, Score } from './reward.js'
import { scoreSamples } from './score.js'
import { outcomeOf, penaltyName, type Verdict } from './verdict.js'

/** One of several rewards. */
export interface WeightedPart {
  /** Asked for every answer, whatever its weight. */
  reward: Reward
  /** 0: watched only; below 0: a penalty. */
  weight: number
  /** Among the parts of a verdict; the function's own name where left out. */
  name?: string
}

/**
 * Σ weight · score over the parts, added in their order. The first part alone says how right an answer is: a score of 1 of it
 * is what pass rates and dynamic sampling count. A sample that one part gives no score has none.
 *
 * @throws {@link ArgumentError} for no parts, a weight that is no number, or a name that is empty, taken, or 'overlong'
 */
export function weightedReward(parts: readonly WeightedPart[]): Reward {
  requireArrays('weighted reward', { parts })
  for (const part of parts) checkOptions('weighted reward', part, partKeys, 'part')
  const named = parts.map((part) => ({ ...part, name: part.name ?? part.reward?.name }))
  requireParts(named)
  async function weighted(sample: RewardSample & { signal: AbortSignal }): Promise<number> {
    const scores = await Promise.all(named.map(({ reward }) => reward(sample)))
    return weightedSum(named, scores)
  }
  async function scoreAll(
    samples: readonly RewardSample[],
    options: { deadlineMs: number; signal: AbortSignal | undefined },
  ): Promise<Score[]> {
    const ofParts = await Promise.all(named.map(({ reward }) => scoreSamples(reward, samples, options)))
    return samples.map((_, i) =>
      combined(
        named,
        ofParts.map(({ verdicts }) => verdicts[i] as Verdict),
      ),
    )
  }
  return Object.assign(weighted, { scoreAll })
}

type NamedPart = Required<WeightedPart>

function combined(parts: readonly NamedPart[], verdicts: readonly Verdict[]): Score {
  const missing = verdicts.findIndex(({ score }) => score === null)
  if (missing >= 0) return { why: `${parts[missing]?.name}: ${verdicts[missing]?.why}` }
  const scores = verdicts.map(({ score }) => score as number)
  const first = verdicts[0] as Verdict
  return {
    score: weightedSum(parts, scores),
    outcome: outcomeOf(first) as number,
    ...(first.isParsed !== undefined && { isParsed: first.isParsed }),
    parts: Object.fromEntries(parts.map(({ name }, i) => [name, scores[i] as number])),
  }
}

const weightedSum = (parts: readonly NamedPart[], scores: readonly number[]): number =>
  parts.reduce((sum, { weight }, i) => sum + weight * (scores[i] as number), 0)

function requireParts(parts: readonly NamedPart[]): void {
  if (parts.length === 0) throw new ArgumentError('[weighted reward] expected at least one part, got none')
  for (const [index, { name, weight, reward }] of parts.entries()) {
    const at = `[weighted reward] part ${index + 1}:`
    if (typeof reward !== 'function') throw new ArgumentError(`${at} expected a function for reward, got ${reward}`)
    if (!Number.isFinite(weight)) throw new ArgumentError(`${at} expected a number for weight, got ${weight}`)
    const isTaken = name === penaltyName || parts.slice(0, index).some((other) => other.name === name)
    if (name === '' || isTaken) throw new ArgumentError(`${at} expected a name of its own, got ${JSON.stringify(name)}`)
  }
}

const partKeys: OptionKeys<WeightedPart> = { reward: true, weight: true, name: true }
