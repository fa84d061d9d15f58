// Whether two final answers are the same by DeepScaleR's published grader: as strings by its first rules, or element by element
// by its symbolic ones. For runs that repeat the paper; its known faults are kept and pinned by tests.
import { Budget, defaultLimits, type Limits, Unreadable } from '../math/budget.js'
import type { Sameness } from '../math/same-answer.js'
import { isZeroDifference } from './difference.js'
import { elementsOf } from './elements.js'
import { dropThousandsCommas, isWholeFloat, pythonFloat } from './python-number.js'
import { normalizeString } from './string-rules.js'
import { symbolicForm } from './symbolic-form.js'

/** Never throws. The canonical forms are what the rules that decided made of the answer and of the gold. */
export function isSameByDeepscaler(answer: string, gold: string, limits: Limits = {}): Sameness {
  const { maxLetters, maxOperations, seed } = { ...defaultLimits, ...limits }
  if (answer.length > maxLetters) return unread(`the answer has more than ${maxLetters} letters`)
  if (gold.length > maxLetters) return unread(`the gold answer has more than ${maxLetters} letters`)
  const strings = { answer: normalizeString(answer), gold: normalizeString(gold) }
  if (strings.answer === strings.gold)
    return { isSame: true, isRead: true, why: 'the same string by the string rules', ...strings }
  const forms = { answer: symbolicForm(answer), gold: symbolicForm(gold) }
  try {
    const { isSame, why } = compare(forms, { budget: new Budget(maxOperations), seed })
    return { isSame, isRead: true, why, ...forms }
  } catch (error) {
    if (error instanceof Unreadable) return unread(`the comparison cannot be made: ${error.message}`)
    throw error
  }
}

function unread(why: string): Sameness {
  return { isSame: false, isRead: false, why, answer: undefined, gold: undefined }
}

type Verdict = { isSame: boolean; why: string }
type Means = { budget: Budget; seed: number }

const same = (why: string): Verdict => ({ isSame: true, why })
const other = (why: string): Verdict => ({ isSame: false, why })

function compare({ answer, gold }: { answer: string; gold: string }, means: Means): Verdict {
  if (answer === gold) return same('the same string by the symbolic rules')
  if (answer === '') return other('nothing is left of the answer by the symbolic rules')
  const [answers, golds] = [elementsOf(answer), elementsOf(gold)]
  if (golds.length > 1 && (answer.at(0) !== gold.at(0) || answer.at(-1) !== gold.at(-1)))
    return other('the brackets differ')
  if (answers.length !== golds.length) return other(`${answers.length} elements are not ${golds.length}`)
  const wrong = golds.findIndex((item, i) => !isSameElement(answers[i] as string, item, means))
  return wrong < 0 ? same('the same by the symbolic rules') : other(`${answers[wrong]} is not ${golds[wrong]}`)
}

/** Fractions must be spelt alike, and a whole number equals nothing but a whole number. */
function isSameElement(answer: string, gold: string, means: Means): boolean {
  if (isFraction(answer) && isFraction(gold)) return answer === gold
  if (isWholeText(answer) !== isWholeText(gold)) return false
  return mayEvaluate(`(${gold})-(${answer})`) && isZeroDifference(answer, gold, means)
}

const isFraction = (text: string): boolean => /^-?[0-9]+.?\/0*[1-9][0-9]*.?$/.test(text)
const isWholeText = (text: string): boolean => isWholeFloat(pythonFloat(dropThousandsCommas(text)))

/** More than two letters, or a power of two digits or of a power or in brackets, are not evaluated. */
function mayEvaluate(difference: string): boolean {
  const letters = difference.replaceAll('sqrt', '').replaceAll('frac', '').match(/\p{L}/gu) ?? []
  return new Set(letters).size <= 2 && !/\^\{|\^\(|\^[0-9]+\^|\^[0-9]{2}/.test(difference)
}
