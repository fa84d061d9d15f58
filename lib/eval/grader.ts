// Grades the answers of an evaluation.
import type { Row } from '../data/row.js'
import { gradeMath } from '../reward/math-reward.js'
import type { Protocol } from './result-record.js'

export interface Grading {
  verdict: 'correct' | 'wrong' | 'unparsed'
  why: string
  /** The final answer in canonical form: equal ones are one answer to a vote. */
  predicted: string | null
}

/** The answers to one problem, in their order. What it throws ends the evaluation: nothing counts as wrong unseen. */
export type Grader = (
  problem: { row: Row; texts: readonly string[] },
  options: { signal?: AbortSignal | undefined },
) => Promise<Grading[]>

/** By the rules of the math reward. */
export function mathGrader({ needsThinkingClosed }: Pick<Protocol, 'needsThinkingClosed' | 'mode'>): Grader {
  return async ({ row, texts }) => {
    const golds = [row.answer ?? []].flat().map(String)
    return texts.map((text) => {
      const closed = needsThinkingClosed || text.includes('</think>') ? text : `</think>${text}`
      return { ...gradeMath(closed, golds), predicted: null }
    })
  }
}
