// Is an answer the same as the gold one?
import { Budget, defaultLimits, type Limits, OverBudget, Unreadable } from './budget.js'
import type { Context } from './compare/context.js'
import { isSameNode } from './compare/same.js'
import { tidyWords } from './compare/words.js'
import { canonicalOf } from './kind.js'
import type { CommaReading } from './lex/token.js'
import { clean } from './read/clean.js'
import { type Reading, readText, wordsOf } from './read/reading.js'

export interface Sameness {
  isSame: boolean
  why: string
  /** False where one of the two could not be read, or not within the limits. */
  isRead: boolean
  /** Canonical forms, where there are any. */
  answer: string | undefined
  gold: string | undefined
}

/** Never throws: what cannot be read or costs too much is not the same, and the reason says so. */
export function isSameAnswer(answer: string, gold: string, limits: Limits = {}): Sameness {
  const { maxLetters, maxOperations, seed, numDecimals } = { ...defaultLimits, ...limits }
  if (answer.length > maxLetters) return unread(`the answer has more than ${maxLetters} letters`)
  if (gold.length > maxLetters) return unread(`the gold answer has more than ${maxLetters} letters`)
  if (spellingOf(answer) === spellingOf(gold) && gold.trim() !== '') {
    const spelling = clean(gold)
    return { isSame: true, why: 'they are spelt alike', isRead: true, answer: spelling, gold: spelling }
  }
  return compareReadings(answer, gold, { budget: new Budget(maxOperations), seed, numDecimals })
}

function unread(why: string): Sameness {
  return { isSame: false, why, isRead: false, answer: undefined, gold: undefined }
}

/** Without what changes only the look. */
function spellingOf(text: string): string {
  const cleaned = clean(text)
  if (!cleaned.includes('\\')) return cleaned
  return cleaned
    .replaceAll(/\\(?:left|right|displaystyle)(?![a-zA-Z])\s*\.?/g, '')
    .replaceAll(/\\[dtc]frac(?![a-zA-Z])/g, '\\frac')
    .replaceAll(/(?<![\w}])\s+|\s+(?![\w\\])/g, '')
}

function compareReadings(answer: string, gold: string, context: Context): Sameness {
  const { budget } = context
  let what = 'the gold answer'
  try {
    const y = readText(gold, budget)
    if (y.kind === undefined) return unread(`the gold answer cannot be read: ${y.why}`)
    what = 'the answer'
    const x = readText(answer, budget)
    if (x.kind === undefined) return unread(`the answer cannot be read: ${x.why}`)
    what = 'the comparison'
    const isSame = isSameReading(x, y, context) || isSameOtherwise(x, y, context)
    const canonical = { answer: canonicalReading(x, budget), gold: canonicalReading(y, budget) }
    const why = `${shorten(canonical.answer)} is ${isSame ? '' : 'not '}${shorten(canonical.gold)}`
    return { isSame, why, isRead: true, ...canonical }
  } catch (error) {
    if (error instanceof Unreadable) return unread(`${what} cannot be read: ${error.message}`)
    throw error
  }
}

function isSameReading(x: Reading, y: Reading, context: Context): boolean {
  if (x.kind === 'mathematics' && y.kind === 'mathematics') return isSameNode(x.node, y.node, context)
  // Letters side by side may be a word: odd is \text{odd}.
  const [a, b] = [wordsIn(x), wordsIn(y)]
  return a !== undefined && b !== undefined && tidyWords(a) === tidyWords(b)
}

function wordsIn(reading: Reading): string | undefined {
  return reading.kind === 'words' ? reading.words : (wordsOf(reading.text) ?? reading.text)
}

/** 1,234 may also be two items, and 1000,99 a decimal where the other side is one with a point. */
function isSameOtherwise(x: Reading, y: Reading, context: Context): boolean {
  if (hasThousands(x.text) !== hasThousands(y.text) || (hasThousands(x.text) && hasThousands(y.text))) {
    if (isSameReadAs(x, y, 'separator', context)) return true
  }
  const isDecimal = (a: string, b: string) => decimalComma.test(a) && decimalPoint.test(b)
  return (isDecimal(x.text, y.text) || isDecimal(y.text, x.text)) && isSameReadAs(x, y, 'decimal', context)
}

/** Not what groups of three digits say. */
const decimalComma = /^-?\s*(?![1-9]\d{0,2},\d{3}$)\d+,\d+$/
const decimalPoint = /^-?\s*\d*\.\d+$/

function hasThousands(text: string): boolean {
  return /\d,\d{3}/.test(text)
}

function isSameReadAs(x: Reading, y: Reading, commas: CommaReading, context: Context): boolean {
  const [a, b] = [readText(x.text, context.budget, commas), readText(y.text, context.budget, commas)]
  return a.kind !== undefined && b.kind !== undefined && isSameReading(a, b, context)
}

function canonicalReading(reading: Reading, budget: Budget): string | undefined {
  if (reading.kind === 'words') return tidyWords(reading.words)
  if (reading.kind === undefined) return undefined
  try {
    return canonicalOf(reading.node, budget)
  } catch (error) {
    if (error instanceof OverBudget) return reading.text
    throw error
  }
}

function shorten(text = ''): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
