// Finds the final answer: the last balanced \boxed{…} after the thinking was closed.

export type FinalAnswer = { answer: string } | { answer: undefined; why: string }

const endOfThinking = '</think>'

/** The opening tag is not asked for: a chat template may have put it into the prompt. */
export function finalAnswer(text: string): FinalAnswer {
  const end = text.indexOf(endOfThinking)
  if (end === -1) return { answer: undefined, why: 'the thinking was not closed with </think>' }
  const answer = lastBoxed(text.slice(end + endOfThinking.length))
  if (answer === undefined) return { answer, why: 'no balanced \\boxed{} after </think>' }
  return answer.trim() === '' ? { answer: undefined, why: 'the \\boxed{} is empty' } : { answer }
}

/** What the last balanced \boxed{…} holds. */
export function lastBoxed(text: string): string | undefined {
  const opening = '\\boxed{'
  let at = text.lastIndexOf(opening)
  while (at !== -1) {
    const begin = at + opening.length
    const end = closingBrace(text, begin)
    if (end !== -1) return text.slice(begin, end)
    at = at === 0 ? -1 : text.lastIndexOf(opening, at - 1)
  }
  return undefined
}

/** Where the brace that was opened before `begin` is closed, or -1. `\{` and `\}` are letters, not braces. */
export function closingBrace(text: string, begin: number): number {
  let depth = 1
  for (let i = begin; i < text.length; i++) {
    const letter = text[i]
    if (letter === '\\') i++
    else if (letter === '{') depth++
    else if (letter === '}' && --depth === 0) return i
  }
  return -1
}
