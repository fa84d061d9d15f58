// Grades the answers of an evaluation.

import { requireEach, requireObjects } from '../arguments.js'
import type { Row } from '../data/row.js'
import { ArgumentError } from '../errors.js'
import { gradeModes } from '../reward/grade-math.js'
import type { PoolGrade } from '../reward/pool/grader-pool.js'
import { sharedGraderPool } from '../reward/pool/shared-pool.js'
import type { Protocol } from './result-record.js'

/** What a grader says of an answer. */
export interface Grading extends Pick<PoolGrade, 'verdict' | 'failure'> {
  /** The reason of the verdict, for people. */
  why: string
  /** The final answer in canonical form: equal ones are one answer to a vote. */
  predicted: string | null
}

/** The answers to one problem, in their order. What it throws ends the evaluation: nothing counts as wrong unseen. */
export type Grader = (
  problem: { row: Row; texts: readonly string[] },
  options: { signal?: AbortSignal | undefined },
) => Promise<Grading[]>

/**
 * A grader by the rules of the math reward, in the worker processes that all share. A row without an answer is an ArgumentError once it is
 * graded.
 *
 * @throws {@link ArgumentError} for rules of another mode
 */
export function mathGrader(rules: Pick<Protocol, 'needsThinkingClosed' | 'mode'>): Grader {
  requireObjects('evaluation', { rules })
  requireEach('evaluation', gradeModes.join(' or '), { mode: rules.mode }, (mode) => gradeModes.includes(mode as never))
  const { needsThinkingClosed, mode } = rules
  return async ({ row, texts }, { signal }) => {
    const gold = [row.answer ?? []].flat()
    if (gold.length === 0)
      throw new ArgumentError(`[evaluation] expected an answer in row ${JSON.stringify(row.id)}, got none`)
    const pairs = texts.map((answer) => ({ answer, gold }))
    const grades = await sharedGraderPool().grade(pairs, { mode, needsThinkingClosed, signal })
    return grades.map(({ verdict, why, predicted, failure }) => ({
      ...{ verdict, why, predicted: predicted ?? null },
      ...(failure && { failure }),
    }))
  }
}
