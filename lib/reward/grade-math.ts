// Grades an answer to a mathematical problem.

import { requireEach, requireStrings } from '../arguments.js'
import { gradeByDeepscaler } from './deepscaler/grade.js'
import { findBoxes, lastJoinedBoxes } from './extract/boxes.js'
import { finalAnswer } from './extract/final-answer.js'
import { answerInProse } from './extract/prose.js'
import { checkGradeOptions, gradeOptionKeys, isGold } from './grade-options.js'
import type { Limits } from './math/budget.js'
import { isSameAnswer, type Sameness } from './math/same-answer.js'

/** What an answer was found to be. */
export interface Grade {
  /** `unparsed`: there was no final answer to judge, or it could not be read, or not within the limits. */
  verdict: 'correct' | 'wrong' | 'unparsed'
  /** The reason, for people. */
  why: string
  /** Canonical form of the final answer; undefined where there is none. */
  predicted: string | undefined
  /** Canonical form of the gold answer that it was last compared with; undefined where there is none. */
  expected: string | undefined
}

export const gradeModes = ['exact', 'deepscaler'] as const
/**
 * `'exact'`: the rules of docs/rewards.md. `'deepscaler'`: those of DeepScaleR's published grader, its known faults included.
 */
export type GradeMode = (typeof gradeModes)[number]

/** Where the final answer is looked for, and by whose rules it is compared. */
export interface GradeOptions extends Limits {
  /** Whose rules. Default 'exact'. */
  mode?: GradeMode
  /** The answer is the bare final answer: neither `</think>` nor a box is looked for. Default false. */
  isExtracted?: boolean
  /** Must the thinking have been closed with `</think>`? Default true. */
  needsThinkingClosed?: boolean
  /** Must the answer be in a box? Default true; else a stated answer or the last formula will do. */
  needsBox?: boolean
}

/**
 * Grades an answer to a mathematical problem: correct if the final answer, the last `\boxed{}` after `</think>`, is mathematically
 * the same as any of the gold answers. No text makes it throw; work is bounded by `maxLetters` and by
 * `maxOperations` for each gold answer, counted, not timed, so that a verdict is the same on every machine.
 *
 * @throws {@link ArgumentError} for an answer or a gold answer that is no text, and for an option that is unknown or cannot be
 *
 * @example
 * ```ts
 * import { gradeMath } from 'lengthen'
 *
 * const { verdict } = gradeMath('</think> It is \\boxed{\\frac{1}{2}}', '0.5')
 * console.log(verdict) // correct
 * ```
 */
export function gradeMath(answer: string, gold: string | readonly string[], options: GradeOptions = {}): Grade {
  requireStrings('grade', { answer })
  requireEach('grade', 'a string or an array of them', { gold }, isGold)
  checkGradeOptions('grade', options, gradeOptionKeys)
  const { isExtracted = false, needsBox = true } = options
  if (options.mode === 'deepscaler') return gradeByDeepscaler(answer, gold, options)
  const golds = (typeof gold === 'string' ? [gold] : gold).map((text) => goldAnswer(text, needsBox))
  const found = isExtracted ? { answer } : finalAnswer(answer, options)
  if (found.answer === undefined)
    return { verdict: 'unparsed', why: found.why, predicted: undefined, expected: golds[0] }
  let grade: Grade = { verdict: 'unparsed', why: 'there is no gold answer', predicted: undefined, expected: undefined }
  for (const text of golds) {
    const result = isSameAnswer(found.answer, text, options)
    const next = gradeOf(result)
    if (result.isSame) return next
    // A comparison that could be made says more than one that could not.
    if (grade.verdict === 'unparsed') grade = next
  }
  return grade
}

function gradeOf({ isSame, isRead, why, answer, gold }: Sameness): Grade {
  return { verdict: isSame ? 'correct' : isRead ? 'wrong' : 'unparsed', why, predicted: answer, expected: gold }
}

/** What the last box holds where the text was cut off within it. */
function unclosedBox(text: string): string | undefined {
  return findBoxes(text).length > 0 ? undefined : /\\boxed\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)$/.exec(text.slice(-2000))?.[1]
}

/** A gold answer may come in its box, or at the end of a worked solution. */
function goldAnswer(text: string, needsBox: boolean): string {
  if (needsBox) return findBoxes(text).length > 0 ? (lastJoinedBoxes(text)?.content ?? text) : text
  return answerInProse(unclosedBox(text) ?? text).answer ?? text
}
