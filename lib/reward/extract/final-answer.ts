// Finds the final answer of a completion: what is boxed after the thinking was closed.
import { lastJoinedBoxes } from './boxes.js'
import { answerInProse } from './prose.js'

export type FinalAnswer = { answer: string } | { answer: undefined; why: string }

export interface ExtractOptions {
  /** Must the thinking have been closed with `</think>`? */
  needsThinkingClosed?: boolean
  /** Must there be a box? Else an answer that is stated, or the last formula, or a short text itself will do. */
  needsBox?: boolean
}

const endOfThinking = '</think>'

/** The opening tag is not asked for: a chat template may have put it into the prompt. */
export function finalAnswer(text: string, options: ExtractOptions = {}): FinalAnswer {
  const { needsThinkingClosed = true, needsBox = true } = options
  const end = text.lastIndexOf(endOfThinking)
  if (end === -1 && needsThinkingClosed) return { answer: undefined, why: 'the thinking was not closed with </think>' }
  const rest = end === -1 ? text : text.slice(end + endOfThinking.length)
  // Who thinks in tags was asked for a box; the last formula of such a text is no answer.
  if (!needsBox && end === -1) return answerInProse(rest)
  const box = lastJoinedBoxes(rest)
  if (box === undefined) {
    return { answer: undefined, why: end === -1 ? 'no balanced \\boxed{}' : 'no balanced \\boxed{} after </think>' }
  }
  return box.content.trim() === '' ? { answer: undefined, why: 'the \\boxed{} is empty' } : { answer: box.content }
}
