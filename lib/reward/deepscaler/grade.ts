// Grades as DeepScaleR was rewarded: the last balanced box after </think>, compared by the published rules.
import { lastBoxed } from '../extract/boxes.js'
import type { Grade, GradeOptions } from '../grade-math.js'
import { isSameByDeepscaler } from './same-answer.js'

/** Never throws. The opening <think> is not asked for: a chat template may have put it into the prompt. */
export function gradeByDeepscaler(text: string, gold: string | readonly string[], options: GradeOptions = {}): Grade {
  const golds = [gold].flat().map((one) => lastBoxed(one) ?? one)
  const found = options.isExtracted ? { answer: text } : lastAnswer(text, options)
  if (found.answer === undefined) return unparsed(found.why, golds[0])
  let grade = unparsed('there is no gold answer', undefined)
  for (const one of golds) {
    const { isSame, isRead, why, answer, gold } = isSameByDeepscaler(found.answer, one, options)
    if (isSame) return { verdict: 'correct', why, predicted: answer, expected: gold }
    if (grade.verdict === 'unparsed')
      grade = { verdict: isRead ? 'wrong' : 'unparsed', why, predicted: answer, expected: gold }
  }
  return grade
}

const endOfThinking = '</think>'

function lastAnswer(
  text: string,
  { needsThinkingClosed = true, needsBox = true }: GradeOptions,
): { answer: string } | { answer: undefined; why: string } {
  const end = text.lastIndexOf(endOfThinking)
  if (end < 0 && needsThinkingClosed) return { answer: undefined, why: 'the thinking was not closed with </think>' }
  const rest = end < 0 ? text : text.slice(end + endOfThinking.length)
  const answer = lastBoxed(rest) ?? (needsBox ? undefined : rest)
  return answer === undefined ? { answer, why: 'no balanced \\boxed{}' } : { answer }
}

function unparsed(why: string, expected: string | undefined): Grade {
  return { verdict: 'unparsed', why, predicted: undefined, expected }
}
