// Results made by hand.
import type { ProblemResult, Verdict } from '../../lib/eval/result-record.js'

/** Each letter an answer: c correct, w wrong, u unparsed, t truncated, f failed; a digit 0–9 is the wrong answer of that name. */
export function problemOf(
  letters: string,
  { set = 's', index = 0, expected = 'c', numTokens = 10 } = {},
): ProblemResult {
  const answers = [...letters].map((letter) => {
    const verdict = verdictOf[letter] ?? 'wrong'
    const predicted = verdict === 'correct' || verdict === 'wrong' ? letter : null
    const isFinished = verdict !== 'truncated' && verdict !== 'failed'
    return { verdict, why: '', predicted, isCorrect: verdict === 'correct', isFinished, numTokens }
  })
  const numCorrect = answers.filter(({ isCorrect }) => isCorrect).length
  const about = { type: 'problem', set, index, id: `p${index}`, expected } as const
  return { ...about, numSamples: answers.length, numCorrect, answers }
}

export const problemsOf = (letters: readonly string[], options: { set?: string } = {}): ProblemResult[] =>
  letters.map((of, index) => problemOf(of, { ...options, index }))

const verdictOf: Record<string, Verdict> = { c: 'correct', w: 'wrong', u: 'unparsed', t: 'truncated', f: 'failed' }
