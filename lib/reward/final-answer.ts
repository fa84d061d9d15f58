// Finds the final answer: the last balanced \boxed{…} after the thinking was closed.

export type FinalAnswer = { answer: string } | { answer: undefined; why: string }

const endOfThinking = '</think>'
const opening = '\\boxed{'

/** The opening tag is not asked for: a chat template may have put it into the prompt. */
export function finalAnswer(text: string): FinalAnswer {
  const end = text.indexOf(endOfThinking)
  if (end === -1) return { answer: undefined, why: 'the thinking was not closed with </think>' }
  const answer = lastBoxed(text.slice(end + endOfThinking.length))
  if (answer === undefined) return { answer, why: 'no balanced \\boxed{} after </think>' }
  return answer.trim() === '' ? { answer: undefined, why: 'the \\boxed{} is empty' } : { answer }
}

/** What the last balanced \boxed{…} holds. `\{` and `\}` are letters, not braces. */
export function lastBoxed(text: string): string | undefined {
  // One pass, since a degenerate answer may open thousands. For each open brace: where its box begins, or -1 for others.
  const open: number[] = []
  let last: { begin: number; end: number } | undefined
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]
    if (letter === '}') {
      const begin = open.pop() ?? -1
      if (begin > (last?.begin ?? -1)) last = { begin, end: i }
    } else if (letter === '{') {
      open.push(-1)
    } else if (text.startsWith(opening, i)) {
      i += opening.length - 1
      open.push(i + 1)
    } else if (letter === '\\' && !text.startsWith(opening, i + 1)) i++
  }
  return last && text.slice(last.begin, last.end)
}
