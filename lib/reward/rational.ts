// Exact numbers as people write them in answers: integers, decimals, fractions, mixed numbers, per cent.

/** In lowest terms, the denominator positive: equal numbers have equal parts. */
export interface Rational {
  numerator: bigint
  denominator: bigint
}

/** More letters than any honest number has; keeps big-integer work small. */
const maxLength = 400

/** The number that the text is, or undefined where it is anything else. LaTeX fractions have both braces. */
export function parseRational(text: string): Rational | undefined {
  if (text.length > maxLength) return undefined
  const trimmed = text.trim()
  const percent = /^(.*?)\s*\\?%$/s.exec(trimmed)
  if (percent !== null) return divide(parseSigned(percent[1] ?? ''), { numerator: 100n, denominator: 1n })
  return parseSigned(trimmed)
}

export function isEqualRational(a: Rational, b: Rational): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator
}

function parseSigned(text: string): Rational | undefined {
  const [, sign, rest = ''] = /^([+-]?)\s*(.*)$/s.exec(text) ?? []
  const value = parseDecimal(rest) ?? parseFraction(rest) ?? parseMixed(rest)
  return value !== undefined && sign === '-' ? reduce(-value.numerator, value.denominator) : value
}

/** 12, 1,234,567, 1 234 567, 0.5, .5 and 3. */
function parseDecimal(text: string): Rational | undefined {
  const match = /^(\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d*)(?:\.(\d*))?$/.exec(text)
  if (match === null) return undefined
  const whole = (match[1] ?? '').replaceAll(/[, ]/g, '')
  const fraction = match[2] ?? ''
  if (whole === '' && fraction === '') return undefined
  return reduce(BigInt(whole + fraction), 10n ** BigInt(fraction.length))
}

/** \frac{a}{b} and a/b, where a and b may be signed decimals. */
function parseFraction(text: string): Rational | undefined {
  const match = /^\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}$/.exec(text) ?? /^([^/{}]+)\/([^/{}]+)$/.exec(text)
  return match === null ? undefined : divide(parseRatioPart(match[1]), parseRatioPart(match[2]))
}

function parseRatioPart(text = ''): Rational | undefined {
  const [, sign, digits = ''] = /^\s*([+-]?)\s*(.*?)\s*$/s.exec(text) ?? []
  const value = parseDecimal(digits)
  return value !== undefined && sign === '-' ? reduce(-value.numerator, value.denominator) : value
}

/** 3\frac{1}{2} and 3 1/2: a whole number and a fraction below it. */
function parseMixed(text: string): Rational | undefined {
  const match = /^(\d+)\s*(\\frac\s*\{\d+\}\s*\{\d+\})$/.exec(text) ?? /^(\d+)\s+(\d+\/\d+)$/.exec(text)
  const fraction = parseFraction(match?.[2] ?? '')
  if (match === null || fraction === undefined) return undefined
  return reduce(BigInt(match[1] ?? '') * fraction.denominator + fraction.numerator, fraction.denominator)
}

function divide(a: Rational | undefined, b: Rational | undefined): Rational | undefined {
  if (a === undefined || b === undefined || b.numerator === 0n) return undefined
  return reduce(a.numerator * b.denominator, a.denominator * b.numerator)
}

function reduce(numerator: bigint, denominator: bigint): Rational {
  const divisor = greatestCommonDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a < 0n ? -a : a
}
