// majority@k: k answers vote, and the answer that most of them give counts. What is the same answer, the grader says.
import { isSameAnswer } from '../reward/math/same-answer.js'
import { mean } from './statistics.js'

export interface Vote {
  /** The answer in canonical form; null where there is none, which is no vote. */
  predicted: string | null
  isCorrect: boolean
}

/** For k = 1, 2, … up to `most`. */
export function majorityAtEachK(votes: readonly Vote[], most: number): number[] {
  const ballots = namedAlike(votes)
  return Array.from({ length: most }, (_, i) => meanOverRuns(ballots, i + 1))
}

/**
 * Chance that the most frequent of k answers is right, without bias: the mean over the samples cut into runs of k, what is left
 * over aside. Of several that are equally frequent one is taken at random, so each counts by its share. No votes at all: wrong.
 * All correct answers are one; wrong ones are one where the grader finds them the same.
 */
export function majorityAtK(votes: readonly Vote[], k: number): number {
  return meanOverRuns(namedAlike(votes), k)
}

/** So many pairs of a problem's wrong answers are compared at most, and each within so many operations: two seconds in all. */
const maxComparisons = 1000
const maxOperations = 20_000

/** Every wrong vote under the name of the first wrong answer that is the same. */
function namedAlike(votes: readonly Vote[]): Ballot[] {
  const names = new Map<string, string>()
  const found: string[] = []
  let numLeft = maxComparisons
  const isSame = (answer: string, other: string) =>
    !areIntegers(answer, other) && numLeft-- > 0 && isSameAnswer(answer, other, { maxOperations }).isSame
  for (const { predicted, isCorrect } of votes) {
    if (isCorrect || predicted === null || names.has(predicted)) continue
    const name = found.find((other) => isSame(predicted, other)) ?? predicted
    if (name === predicted) found.push(name)
    names.set(predicted, name)
  }
  return votes.map(({ predicted, isCorrect }): Ballot => {
    if (isCorrect) return { answer: correct }
    return { answer: predicted === null ? undefined : names.get(predicted) }
  })
}

interface Ballot {
  /** Undefined: no vote. */
  answer: string | typeof correct | undefined
}

const correct = Symbol('all correct answers')

/** Of two different ones nothing needs to be asked. */
const areIntegers = (...answers: string[]): boolean => answers.every((answer) => /^-?[1-9]\d*$/.test(answer))

function meanOverRuns(ballots: readonly Ballot[], k: number): number {
  const numRuns = Math.floor(ballots.length / k)
  return mean(Array.from({ length: numRuns }, (_, run) => chanceOfRight(ballots.slice(run * k, (run + 1) * k))))
}

function chanceOfRight(ballots: readonly Ballot[]): number {
  const numVotes = new Map<Ballot['answer'], number>()
  for (const { answer } of ballots) if (answer !== undefined) numVotes.set(answer, (numVotes.get(answer) ?? 0) + 1)
  const most = Math.max(0, ...numVotes.values())
  const leaders = [...numVotes].filter(([, number]) => number === most)
  return leaders.length === 0 ? 0 : mean(leaders.map(([answer]) => Number(answer === correct)))
}
