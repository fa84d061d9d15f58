// The first of the two ways in which DeepScaleR's published grader finds answers equal: they are the same string once
// these rules have been at them. What the rules get wrong is kept: they drop a percent sign and any unit.

/** The answer as the rules leave it; one that they cannot follow stays as it is. */
export function normalizeString(answer: string): string {
  const trimmed = answer.trim()
  const unwrapped = /^\\text\{(.+?)\}$/.exec(trimmed)?.[1]?.trim() ?? trimmed
  // Two texts that could be the unit: the published rules give up.
  if (unwrapped.split(unitOpening).length > 2) return trimmed
  const shortened = lookRules.reduce((text, [pattern, by]) => text.replace(pattern, by), unwrapped)
  const value = dropLeftSide(shortened.startsWith('.') ? `0${shortened}` : shortened)
  return oneHalf(braceFractions(braceRoots(value).replaceAll(' ', '')))
}

const unitOpening = '\\text{ '

const lookRules: readonly (readonly [RegExp, string])[] = [
  [/\n|\\!/g, ''],
  [/\\\\/g, '\\'],
  [/\\[td]frac/g, '\\frac'],
  [/\\left|\\right/g, ''],
  [/\^\{\\circ\}|\^\\circ/g, ''],
  [/\\\$/g, ''],
  [/\\text\{ .*$/s, ''],
  [/\\%/g, ''],
  [/ \./g, ' 0.'],
  [/\{\./g, '{0.'],
]

/** "x = 5" is 5, where the left side has at most two characters. */
function dropLeftSide(text: string): string {
  const sides = text.split('=')
  return sides.length === 2 && [...(sides[0] as string)].length <= 2 ? (sides[1] as string) : text
}

/** \sqrt3 is \sqrt{3}. */
const braceRoots = (text: string): string => text.replace(/\\sqrt([^{])/gu, '\\sqrt{$1}')

/** \frac12 is \frac{1}{2}, \frac1{72} is \frac{1}{72}; one with a single letter after it leaves the whole text alone. */
function braceFractions(text: string): string {
  if (/\\frac(?!\{)(?!..)/su.test(text)) return text
  return text.replace(/\\frac([^{])(.)/gsu, (_, top: string, next: string) =>
    next === '{' ? `\\frac{${top}}{` : `\\frac{${top}}{${next}}`,
  )
}

/** 0.5 and 1/2 alone are \frac{1}{2}; the digits of a/b are not changed. */
function oneHalf(text: string): string {
  if (text === '0.5') return '\\frac{1}{2}'
  const [, top, bottom] = /^(-?(?:0|[1-9]\d*))\/(-?(?:0|[1-9]\d*))$/.exec(text) ?? []
  return top === undefined || top === '-0' || bottom === '-0' ? text : `\\frac{${top}}{${bottom}}`
}
