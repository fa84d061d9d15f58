// The trend of a series.

/** Slope per place of the least-squares line through the values; exactly 0 where all are the same. */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  // From the first value on, so that equal values leave no rounding that could pass for a trend.
  const first = values[0] as number
  let rise = 0
  for (let i = 0; i < values.length; i++) rise += (i - middle) * ((values[i] as number) - first)
  return rise / spreadOf(values.length)
}

export interface Trend {
  slope: number
  /** Of the slope; Infinity for fewer than three values, which say nothing of it. */
  standardError: number
}

/**
 * The slope with its standard error √(Σ residual² / (n − 2) / Σ (i − mean i)²), as of independent errors of one size (Draper and
 * Smith, "Applied Regression Analysis", 1998, chapter 1).
 */
export function trendOf(values: readonly number[]): Trend {
  const slope = slopeOf(values)
  const { length } = values
  if (length < 3) return { slope, standardError: Number.POSITIVE_INFINITY }
  const first = values[0] as number
  const mean = meanOf(values.map((value) => value - first))
  const middle = (length - 1) / 2
  let squares = 0
  for (let i = 0; i < length; i++) squares += ((values[i] as number) - first - mean - slope * (i - middle)) ** 2
  return { slope, standardError: Math.sqrt(squares / (length - 2) / spreadOf(length)) }
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The standard error of the mean of independent values; exactly 0 where all are the same. At least two values. */
export function errorOfMean(values: readonly number[]): number {
  const { length } = values
  const first = values[0] as number
  const mean = meanOf(values.map((value) => value - first))
  const squares = values.reduce((sum, value) => sum + (value - first - mean) ** 2, 0)
  return Math.sqrt(squares / (length - 1) / length)
}

/** Σ (i − mean i)² over the places of a series. */
const spreadOf = (length: number): number => (length * (length ** 2 - 1)) / 12
