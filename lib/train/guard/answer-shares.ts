// What the guard wants to know of a step's answers beyond the usual metrics.
import { outcomeOfAnswer, type ScoredAnswer } from '../../eval/answer-rows.js'
import { endsInLoop } from './loops.js'

/** Shares of a step's answers or groups, each from 0 to 1. */
export interface AnswerShares {
  /** Of the answers: those that end in a loop, before the stop token where there is one. */
  repeatedShare: number
  /** Of the finished answers whose reward says whether it could read them: those it could not. 0 where it says so of none. */
  unparsedShare: number
  /**
   * Of the groups with two scored answers or more: those whose answers are all as right as each other, whatever penalties they
   * have. 0 where there is no such group.
   */
  uniformShare: number
}

type SharedAnswer = Pick<ScoredAnswer, 'tokens' | 'finishReason' | 'score' | 'verdict'>

type Groups = readonly (readonly SharedAnswer[])[]

/** Of everything that was sampled. */
export function answerShares(groups: Groups): AnswerShares {
  return {
    repeatedShare: repeatedShare(groups),
    unparsedShare: unparsedShare(groups),
    uniformShare: uniformShare(groups),
  }
}

export function repeatedShare(groups: Groups): number {
  return shareOf(groups.flat(), ({ tokens, finishReason }) =>
    endsInLoop(tokens, finishReason === 'stop' ? tokens.length - 1 : tokens.length),
  )
}

export function unparsedShare(groups: Groups): number {
  const told = groups.flat().filter(({ finishReason, verdict }) => {
    return finishReason === 'stop' && verdict?.isParsed !== undefined
  })
  return shareOf(told, ({ verdict }) => verdict?.isParsed === false)
}

export function uniformShare(groups: Groups): number {
  const outcomes = groups.map((group) => group.map(outcomeOfAnswer).filter((outcome) => outcome !== undefined))
  const compared = outcomes.filter(({ length }) => length > 1)
  return shareOf(compared, (group) => group.every((outcome) => outcome === group[0]))
}

function shareOf<T>(values: readonly T[], isCounted: (value: T) => boolean): number {
  return values.length === 0 ? 0 : values.filter(isCounted).length / values.length
}
