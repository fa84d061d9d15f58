// majority@k: k answers vote, and the answer that most of them give counts. What is the same answer is the grader's canonical form.
import { mean } from './statistics.js'

export interface Vote {
  /** The answer in canonical form; null where there is none, which is no vote. */
  predicted: string | null
  isCorrect: boolean
}

/**
 * Chance that the most frequent of k answers is right, without bias: the mean over the samples cut into runs of k, what is left
 * over aside. Of several that are equally frequent one is taken at random, so each counts by its share. No votes at all: wrong.
 */
export function majorityAtK(votes: readonly Vote[], k: number): number {
  const numRuns = Math.floor(votes.length / k)
  return mean(Array.from({ length: numRuns }, (_, run) => chanceOfRight(votes.slice(run * k, (run + 1) * k))))
}

function chanceOfRight(votes: readonly Vote[]): number {
  const answers = new Map<string, { numVotes: number; isCorrect: boolean }>()
  for (const { predicted, isCorrect } of votes) {
    if (predicted === null) continue
    const answer = answers.get(predicted)
    if (answer) answer.numVotes++
    else answers.set(predicted, { numVotes: 1, isCorrect })
  }
  const most = Math.max(0, ...[...answers.values()].map(({ numVotes }) => numVotes))
  const leaders = [...answers.values()].filter(({ numVotes }) => numVotes === most)
  return leaders.length === 0 ? 0 : mean(leaders.map(({ isCorrect }) => Number(isCorrect)))
}
