// The trend of a series.

/** Slope per place of the least-squares line through the values. */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const rise = values.reduce((sum, value, i) => sum + (i - middle) * value, 0)
  const run = values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0)
  return rise / run
}
