// A run of plain letters: a function's name, a word, or letters multiplied.
import { dictionary } from '../dictionary.js'
import { functionNames } from './commands.js'
import type { Token } from './token.js'

type Bare = Pick<Token, 'type' | 'text'>

const names = dictionary<Bare>({
  pi: { type: 'name', text: 'pi' },
  Pi: { type: 'name', text: 'pi' },
  inf: { type: 'name', text: 'infty' },
  oo: { type: 'name', text: 'infty' },
  infty: { type: 'name', text: 'infty' },
  infinity: { type: 'name', text: 'infty' },
  Infinity: { type: 'name', text: 'infty' },
  sqrt: { type: 'name', text: 'sqrt' },
  cbrt: { type: 'name', text: 'cbrt' },
  binom: { type: 'name', text: 'binom' },
  and: { type: 'sign', text: 'and' },
  or: { type: 'sign', text: 'or' },
  cup: { type: 'sign', text: '∪' },
  percent: { type: 'sign', text: '%' },
  percentage: { type: 'sign', text: '%' },
  pct: { type: 'sign', text: '%' },
  deg: { type: 'sign', text: '°' },
  degrees: { type: 'sign', text: '°' },
  degree: { type: 'sign', text: '°' },
  union: { type: 'sign', text: '∪' },
  no: { type: 'text', text: 'no' },
  yes: { type: 'text', text: 'yes' },
  none: { type: 'text', text: 'none' },
})
const functionThenLetter = /^(sin|cos|tan|cot|sec|csc|log|exp)([a-zA-Z])$|^(ln)([a-zA-Z])$/

export function readWord(word: string): Bare[] {
  if (word.length === 1) return [{ type: 'letter', text: word }]
  const name = names[word]
  if (name !== undefined) return [name]
  if (functionNames.has(word)) return [{ type: 'name', text: word }]
  const joined = functionThenLetter.exec(word)
  if (joined !== null) {
    const [, first, argument, natural, naturalArgument] = joined
    return [
      { type: 'name', text: first ?? natural ?? '' },
      { type: 'letter', text: argument ?? naturalArgument ?? '' },
    ]
  }
  if (/^or[A-Z]$/.test(word))
    return [
      { type: 'sign', text: 'or' },
      { type: 'letter', text: word.charAt(2) },
    ]
  if (isWord(word)) return [{ type: 'text', text: word }]
  return Array.from(word, (letter) => ({ type: 'letter', text: letter }))
}

/** Four letters or more with a vowel, not in the order of the alphabet: abcd is a product, even is a word. */
function isWord(word: string): boolean {
  if (word.length < 4 || !/[aeiouyAEIOUY]/.test(word)) return false
  return Array.from(word).some((letter, i) => i > 0 && letter < word.charAt(i - 1))
}
