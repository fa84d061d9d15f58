// The verifiable reward: 1 if the final answer is the right one, else 0.

import { type OptionKeys, requireFunctions } from '../arguments.js'
import type { Row } from '../data/row.js'
import { ArgumentError, messageOf } from '../errors.js'
import type { GradeOptions } from './grade-math.js'
import { checkGradeOptions, gradeOptionKeys } from './grade-options.js'
import type { GraderPool, PoolGrade } from './pool/grader-pool.js'
import type { GradingPair } from './pool/messages.js'
import { sharedGraderPool } from './pool/shared-pool.js'
import type { Reward, RewardSample, Score } from './reward.js'

/** How and where mathReward() grades. */
export interface MathRewardOptions extends GradeOptions {
  /** Where answers are graded, the caller's to dispose of; the one that all share in this process where left out. */
  pool?: GraderPool
}

/**
 * A reward: 1 where {@link gradeMath} finds the answer the same as the row's `answer`, any one of them where there are several,
 * else 0; graded in worker processes. An answer that cannot be judged scores 0; where that is since its worker hung or crashed,
 * a warning of the process says so. A row without an answer is an error, not a 0.
 *
 * @throws {@link ArgumentError} for an option that is unknown or cannot be
 *
 * @example
 * ```ts
 * import { mathReward } from 'lengthen'
 *
 * // For answers of a model that does not think in tags.
 * const reward = mathReward({ needsThinkingClosed: false })
 * ```
 */
export function mathReward(given: MathRewardOptions = {}): Reward {
  checkGradeOptions('math reward', given, optionKeys)
  const { pool, ...options } = given
  if (pool !== undefined) requireFunctions('math reward', { 'pool.grade': (pool as Partial<GraderPool> | null)?.grade })
  const grader = () => pool ?? sharedGraderPool()
  async function math(sample: RewardSample & { signal: AbortSignal }): Promise<number> {
    const [grade] = await grader().grade([pairOf(sample)], { ...options, signal: sample.signal })
    return scoreOf(grade as PoolGrade, sample)
  }
  async function scoreAll(
    samples: readonly RewardSample[],
    { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal | undefined },
  ): Promise<Score[]> {
    const pairs = samples.map(pairOrWhy)
    const grades = await grader().grade(pairs.filter(isPair), { ...options, deadlineMs, signal })
    let next = 0
    return pairs.map((pair, i) => (isPair(pair) ? told(grades[next++] as PoolGrade, samples[i] as RewardSample) : pair))
  }
  return Object.assign(math, { scoreAll })
}

const told = (grade: PoolGrade, sample: RewardSample): Score => ({
  score: scoreOf(grade, sample),
  isParsed: grade.verdict !== 'unparsed',
})

function scoreOf({ verdict, why, failure }: PoolGrade, { row }: RewardSample): number {
  if (failure) process.emitWarning(`[math reward] row ${JSON.stringify(row.id)} scores 0: ${why}`)
  return Number(verdict === 'correct')
}

const isPair = (pair: GradingPair | { why: string }): pair is GradingPair => 'answer' in pair

function pairOrWhy(sample: RewardSample): GradingPair | { why: string } {
  try {
    return pairOf(sample)
  } catch (error) {
    return { why: messageOf(error) }
  }
}

const pairOf = ({ row, text }: RewardSample): GradingPair => ({ answer: text, gold: goldAnswers(row) })

function goldAnswers({ answer }: Row): string[] {
  const golds: unknown[] = Array.isArray(answer) ? answer : [answer]
  const texts = golds.flatMap((gold) => (typeof gold === 'string' || Number.isFinite(gold) ? [String(gold)] : []))
  if (texts.length === 0) throw new ArgumentError('[math reward] expected an answer in the row, got none')
  return texts
}

const optionKeys: OptionKeys<MathRewardOptions> = { ...gradeOptionKeys, pool: true }
