// Finds the answer in a text that was not asked for a box, and in worked solutions that serve as gold answers.
import { lastJoinedBoxes } from './boxes.js'
import type { FinalAnswer } from './final-answer.js'

/** An answer stands near the end. */
const maxTail = 6000
const specialTokens = /<\|[\w-]{1,30}\|>/g
const statement = /\b(?:answer|answers|result)(?:\s+is|\s+are)?\s*(?::|(?<=is)|(?<=are)|=)\s*/gi
const formulas =
  /\$\$([\s\S]{1,2000}?)\$\$|\\\[([\s\S]{1,2000}?)\\\]|\\\(([^\n]{1,2000}?)\\\)|(?<![\\$])\$((?:[^$\n\\]|\\[^\n]){1,2000}?)\$/g
const statedNumber =
  /(?:\b(?:is|are|it's|be|by|equals|gives|get|to)|[:=≈])\s+(-?[$€£]?\s?\d[\d,]*(?:\.\d+)?(?:\/\d+)?(?:\s?\/\s?\d+)?)\s?(%|°|)/gi

/** The last box or the last stated answer, else the last formula, else the last number said to be something, else a short text. */
export function answerInProse(text: string): FinalAnswer {
  const tail = text.slice(-maxTail).replaceAll(specialTokens, ' ').replaceAll('\\"', '"').trim()
  if (tail === '') return { answer: undefined, why: 'the text is empty' }
  const box = lastJoinedBoxes(tail)
  const stated = lastStated(tail)
  if (box !== undefined && (stated === undefined || box.begin >= stated.begin)) return nonEmpty(box.content)
  if (stated !== undefined) return nonEmpty(stated.answer)
  if (!isProse(tail)) return { answer: tail }
  const formula = lastMatch(tail, formulas)
  const number = lastMatch(masked(tail), statedNumber)
  if (number !== undefined && number.index > (formula?.index ?? -1)) return nonEmpty(number.slice(1).join(''))
  if (formula === undefined) return { answer: undefined, why: 'no answer is stated' }
  return nonEmpty(contentOf(formula))
}

function nonEmpty(answer: string): FinalAnswer {
  return answer.trim() === '' ? { answer: undefined, why: 'the final answer is empty' } : { answer: answer.trim() }
}

function lastMatch(text: string, pattern: RegExp): RegExpExecArray | undefined {
  return [...text.matchAll(pattern)].at(-1)
}

/** What is said after the last "answer is" or "answer:". */
function lastStated(text: string): { answer: string; begin: number } | undefined {
  const match = lastMatch(text, statement)
  if (match === undefined) return undefined
  const begin = match.index + match[0].length
  const rest = text.slice(begin)
  const sentence = /^[\s\S]*?(?=\.(?:\s|$)|\n\n|$)/.exec(masked(rest))?.[0].length ?? rest.length
  const answer = rest.slice(0, sentence).trim()
  if (answer === '') return undefined
  if (!isProse(answer)) return { answer, begin }
  const found = lastInSentence(answer)
  return found === undefined ? undefined : { answer: found, begin }
}

function contentOf(formula: RegExpExecArray): string {
  return formula.slice(1).find((part) => part !== undefined) ?? ''
}

/** Full stops and numbers within formulas are none of the sentence's. */
function masked(text: string): string {
  return text.replaceAll(formulas, (formula) => '_'.repeat(formula.length))
}

function lastInSentence(sentence: string): string | undefined {
  const formula = lastMatch(sentence, formulas)
  const number = lastMatch(sentence, /(?<![\w\\])-?\d[\d,]*(?:\.\d+)?(?:\/\d+)?\s?%?/g)
  if (number !== undefined && number.index > (formula?.index ?? -1) + (formula?.[0].length ?? 0)) return number[0]
  return formula && contentOf(formula)
}

/** More than a formula with its unit: words that join nothing and measure nothing. */
function isProse(text: string): boolean {
  const outside = text.replaceAll(formulas, ' 0 ').replaceAll(/\\[a-zA-Z]+\s*\{[^{}]*\}|\\[a-zA-Z]+/g, ' ')
  const words = outside.match(/[a-zA-ZÀ-ÿ']{2,}/g) ?? []
  const telling = words.filter(
    (word) =>
      !/^(?:and|or|percent|pct|percentage|cm|km|mm|miles?|dollars?|degrees?|sqrt|pi|log|ln|sin|cos|tan)$/i.test(word),
  )
  const hasMathematics = /\d|\$|\\\(|\\\[/.test(text)
  return hasMathematics
    ? telling.length > (/^[^a-zA-Z]*\d/.test(text.trim()) ? 2 : 0) && /\s/.test(text.trim())
    : telling.length > 12
}
