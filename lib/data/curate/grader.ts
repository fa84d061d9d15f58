// What curation asks of the grader: whether it can read an answer, and whether two are the same.
import { whyEqual } from '../../reward/math-reward.js'
import { normalizeAnswer } from '../../reward/normalize-answer.js'
import { parseRational } from '../../reward/rational.js'
import type { CurationOptions } from './types.js'

/** By the rules of the math reward. */
export function mathGraderOf(): Pick<CurationOptions, 'readAnswer' | 'isSameAnswer'> {
  return {
    readAnswer: (text) => {
      const { value } = normalizeAnswer(text)
      if (value === '') return { kind: undefined, why: 'nothing but a unit' }
      const number = parseRational(value)
      return { kind: number === undefined ? 'text' : 'number', canonical: value }
    },
    isSameAnswer: (answer, gold) => whyEqual(answer, gold) !== undefined,
  }
}
