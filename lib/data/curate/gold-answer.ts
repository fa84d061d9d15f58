// The final answer of a row: what its answer column holds, or what its solution ends in.
import { lastBoxed } from '../../reward/extract/boxes.js'
import type { Row } from '../row.js'

const marker = /####[ \t]*([^\n]*)/g

/**
 * The last \boxed{…}, or what follows the last `####`, of each answer; else the whole answer. A row without an answer may
 * have a `solution` that ends in one of the two. Empty where there is none.
 */
export function goldAnswers(row: Row): string[] {
  const given = [row.answer ?? []].flat().map((text) => markedAnswer(text) ?? text.trim())
  if (given.length > 0) return given.filter((answer) => answer !== '')
  const { solution } = row
  const answer = typeof solution === 'string' ? markedAnswer(solution) : undefined
  return answer === undefined || answer === '' ? [] : [answer]
}

/** The answer that a worked solution marks; undefined where it marks none. */
export function markedAnswer(text: string): string | undefined {
  const marked = [...text.matchAll(marker)].at(-1)?.[1]
  return (lastBoxed(text) ?? marked)?.trim()
}
