// The verifiable reward: 1 if the final answer is the right one, else 0.
import { ArgumentError } from '../errors.js'
import { finalAnswer, lastBoxed } from './final-answer.js'
import { normalizeAnswer } from './normalize-answer.js'
import { isEqualRational, parseRational } from './rational.js'
import type { Reward } from './reward.js'

export interface MathVerdict {
  /** `unparsed`: there was no final answer to judge. */
  verdict: 'correct' | 'wrong' | 'unparsed'
  why: string
}

/** Compares with the row's `answer`, any one of them where there are several. A row without one is an error, not a 0. */
export function mathReward(): Reward {
  return function math({ row, text }) {
    return gradeMath(text, goldAnswers(row.answer)).verdict === 'correct' ? 1 : 0
  }
}

export function gradeMath(text: string, golds: readonly string[]): MathVerdict {
  const found = finalAnswer(text)
  if (found.answer === undefined) return { verdict: 'unparsed', why: found.why }
  const { answer } = found
  for (const gold of golds) {
    const why = whyEqual(answer, gold)
    if (why !== undefined) return { verdict: 'correct', why }
  }
  return { verdict: 'wrong', why: `${answer} is not ${golds.join(' or ')}` }
}

/** How two answers are the same, or undefined where they are not. */
export function whyEqual(answer: string, gold: string): string | undefined {
  const [a, b] = [normalizeAnswer(answer), normalizeAnswer(gold)]
  // A unit may be left out; another one is another answer.
  if (a.unit !== '' && b.unit !== '' && a.unit !== b.unit) return undefined
  if (a.value === b.value) return `${answer} is spelt like ${gold}`
  const [x, y] = [parseRational(a.value), parseRational(b.value)]
  return x !== undefined && y !== undefined && isEqualRational(x, y) ? `${answer} is the number ${gold}` : undefined
}

function goldAnswers(answer: unknown): string[] {
  const golds = (Array.isArray(answer) ? answer : [answer]).filter((gold) => typeof gold === 'string' || isNumber(gold))
  if (golds.length === 0) throw new ArgumentError('[math reward] expected an answer in the row, got none')
  return golds.map((gold) => lastBoxed(String(gold)) ?? String(gold))
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}
