// What curation asks of the grader: whether it can read an answer, and whether two are the same.
import { readAnswer } from '../../reward/math/read-answer.js'
import { isSameAnswer } from '../../reward/math/same-answer.js'
import type { CurationOptions } from './types.js'

/** Longer texts are sentences: no model would give them word for word. */
const mostWords = 10

/** The rules of the math reward. A text of more than ten words is no answer: no model would give it word for word. */
export const mathRules: Pick<CurationOptions, 'readAnswer' | 'isSameAnswer'> = {
  readAnswer: (text) => {
    const answer = readAnswer(text)
    if (answer.kind !== 'text') return answer
    const numWords = answer.canonical.split(/\s+/).length
    return numWords <= mostWords ? answer : { kind: undefined, why: `a text of ${numWords} words` }
  },
  isSameAnswer: (answer, gold) => isSameAnswer(answer, gold).isSame,
}
