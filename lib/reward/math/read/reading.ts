// What one text says: a tree, or words, or the reason why neither.
import { type Budget, OverBudget, Unreadable } from '../budget.js'
import { functionNames } from '../lex/commands.js'
import type { CommaReading } from '../lex/token.js'
import { parse } from '../parse/parse.js'
import type { Node } from '../tree.js'
import { clean } from './clean.js'

export type Reading =
  | { kind: 'mathematics'; node: Node; text: string }
  | { kind: 'words'; words: string; text: string }
  | { kind: undefined; why: string; text: string }

const wordy = /^[\p{L}\p{M}\d\s.,;:'"?!()/&%+-]+$/u
const hasLetters = /\p{L}{2}/u
const textWrapper = /\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox|emph)\s*\{([^{}\\]*)\}/g

/** @throws OverBudget when reading costs more than the budget has. */
export function readText(text: string, budget: Budget, commas: CommaReading = 'thousands'): Reading {
  budget.charge(text.length / 4)
  const cleaned = clean(text)
  if (cleaned === '') return { kind: undefined, why: 'it is empty', text: cleaned }
  const phrase = phraseOf(cleaned)
  if (phrase !== undefined) return fromWords(phrase, cleaned)
  try {
    const node = parse(cleaned, budget, commas)
    if (node.kind === 'text') return fromWords(node.words, cleaned)
    return { kind: 'mathematics', node, text: cleaned }
  } catch (error) {
    if (!(error instanceof Unreadable) || error instanceof OverBudget) throw error
    const words = wordsOf(cleaned)
    return words === undefined ? { kind: undefined, why: error.message, text: cleaned } : fromWords(words, cleaned)
  }
}

const noSolution =
  /^(?:there (?:is|are) )?no (?:real |such |integer )?(?:solutions?|numbers?|values?|roots?)$|^(?:the )?empty set$/i

/** Words that name the empty set are that set. */
function fromWords(words: string, text: string): Reading {
  if (noSolution.test(words.trim())) return { kind: 'mathematics', node: { kind: 'set', items: [] }, text }
  return { kind: 'words', words, text }
}

/** Words alone, one of them long: what would else be letters multiplied. */
function phraseOf(text: string): string | undefined {
  if (!/[a-zA-Z]{4}/.test(text) || /[\d^_=<>+]/.test(text)) return undefined
  const words = wordsOf(text)?.replaceAll(/\s+/g, ' ').trim()
  if (words === undefined || !/^(?:a |[a-zA-Z]{2,} )(?:a )?(?:[a-zA-Z]{2,} )*[a-zA-Z]{2,}\.?$/i.test(words))
    return undefined
  return words.split(' ').some((word) => functionNames.has(word) || mathematicalWords.has(word)) ? undefined : words
}

const mathematicalWords = new Set(['and', 'or', 'pi', 'sqrt', 'infinity', 'union', 'inf', 'oo'])

/** The text without LaTeX's wrappers, where plain words are all that is left. */
export function wordsOf(text: string): string | undefined {
  const plain = text.replaceAll(/\\(?:[ ,;:!]|q?quad(?![a-zA-Z]))|[~$]/g, ' ').replaceAll(textWrapper, '$1')
  return wordy.test(plain) && hasLetters.test(plain) ? plain : undefined
}
