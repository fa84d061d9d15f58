// Answers in words.
import type { NodeOf } from '../tree.js'

export function isSameWords(a: NodeOf<'text'>, b: NodeOf<'text'>): boolean {
  return tidyWords(a.words) === tidyWords(b.words)
}

/** Lower case, single spaces, without the marks and articles that change nothing. One letter keeps its case. */
export function tidyWords(words: string): string {
  const plain = words.replaceAll(/[~\s]+/g, ' ').trim()
  const bare = plain.replaceAll(/^[("'`]+|[)"'`.,;:!?]+$/g, '')
  if (bare.length <= 1) return bare
  return bare
    .toLowerCase()
    .replaceAll(/[.,;:!?"'`]/g, '')
    .replace(/^(?:the|an?) /, '')
    .trim()
}
