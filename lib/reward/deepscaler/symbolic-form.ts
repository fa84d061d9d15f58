// What DeepScaleR's published grader makes of an answer before it compares symbolically: a plain expression in lower case,
// without units.
import { latexToText } from './latex-text.js'
import { digitsOf, dropThousandsCommas, isWholeFloat, pythonFloat } from './python-number.js'

export function symbolicForm(answer: string): string {
  const unwrapped = /^\\text\{(.+?)\}$/.exec(answer)?.[1] ?? answer
  const worded = rewrite(unwrapped, wordRules)
  const bare = /^\{.*\}$/s.test(worded) ? worded.slice(1, -1) : worded
  const plain = wholeDigits(bare.replace(/,\\! */g, ''))
  const text = plain.includes('\\') ? latexToText(plain) : plain
  const form = rewrite(text, formRules).toLowerCase()
  const value = pythonFloat(dropThousandsCommas(form))
  return isWholeFloat(value) ? digitsOf(Math.trunc(value)) : form
}

const units = 'degree cm centimeter meter mile second minute hour day week month year foot feet inch yard liter'.split(
  ' ',
)

type Rule = readonly [RegExp, string]

const wordRules: readonly Rule[] = [
  [/\\?[%$]/g, ''],
  [/ or | and /g, ' , '],
  [/million/g, '*10^6'],
  [/billion/g, '*10^9'],
  [/trillion/g, '*10^12'],
  ...units.map((unit): Rule => [new RegExp(`${unit}(es)?s? *(\\^[0-9]+)?`, 'g'), '']),
  [/\^ *\\circ/g, ''],
]

const formRules: readonly Rule[] = [
  [/- */g, '-'],
  [/([0-9]) +([0-9])/g, '$1+$2'], // 7 3/4 is 7+3/4
  [/[ {}]/g, ''],
]

/** 3.0 is 3, and a number beyond a double's digits is the double. */
function wholeDigits(text: string): string {
  const value = pythonFloat(text)
  return isWholeFloat(value) ? digitsOf(Math.round(value)) : text
}

function rewrite(text: string, rules: readonly Rule[]): string {
  return rules.reduce((result, [pattern, by]) => result.replace(pattern, by), text)
}
