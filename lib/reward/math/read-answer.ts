// What kind of answer a text is.
import { Budget, defaultLimits, type Limits, Unreadable } from './budget.js'
import { tidyWords } from './compare/words.js'
import type { AnswerKind } from './kind.js'
import { canonicalOf, kindOf } from './kind.js'
import { readText } from './read/reading.js'

export type ReadAnswer = { kind: AnswerKind; canonical: string } | { kind: undefined; why: string }

/** Never throws: a text that cannot be read, or not within the limits, has no kind but a reason. */
export function readAnswer(text: string, limits: Limits = {}): ReadAnswer {
  const { maxLetters, maxOperations } = { ...defaultLimits, ...limits }
  if (text.length > maxLetters) return { kind: undefined, why: `it has more than ${maxLetters} letters` }
  const budget = new Budget(maxOperations)
  try {
    const reading = readText(text, budget)
    if (reading.kind === undefined) return { kind: undefined, why: reading.why }
    if (reading.kind === 'words') return { kind: 'text', canonical: tidyWords(reading.words) }
    return { kind: kindOf(reading.node, budget), canonical: canonicalOf(reading.node, budget) }
  } catch (error) {
    if (error instanceof Unreadable) return { kind: undefined, why: error.message }
    throw error
  }
}
