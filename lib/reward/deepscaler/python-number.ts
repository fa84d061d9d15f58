// Numbers as the published grader sees them: Python's floats, with what a double loses.

/** What Python's float() makes of the text; undefined where it refuses. */
export function pythonFloat(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(trimmed)
  if (special) return special[2] === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity
  if (!floatPattern.test(trimmed)) return undefined
  return Number(trimmed.replaceAll('_', ''))
}

// No digit can belong to two parts: a long number that is none is not tried in many ways.
const floatPattern = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/

/** Within 1e-7 of a whole number. */
export function isWholeFloat(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && Math.abs(value - Math.round(value)) <= 1e-7
}

/** All digits of the whole number that a double is. */
export const digitsOf = (value: number): string => BigInt(value).toString()

/** 1,234,567 is 1234567; 1,2 stays. */
export function dropThousandsCommas(text: string): string {
  const once = text.replace(/(\d),(\d{3})(?!\d)/g, '$1$2')
  return once === text ? text : dropThousandsCommas(once)
}
