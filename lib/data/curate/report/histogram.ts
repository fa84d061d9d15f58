// Whole numbers in bins of one width.

export interface Histogram {
  /** Of each bin: from `binWidth` times its place, up to but without the next. The first may begin above 0. */
  binWidth: number
  firstBin: number
  counts: number[]
  mean: number
  median: number
  largest: number
}

const mostBins = 40

/** Bins of 1, 2 or 5 times a power of ten, so many that the bulk of the values can be told apart; all 0 for no values. */
export function histogramOf(values: readonly number[]): Histogram {
  if (values.length === 0) return { binWidth: 1, firstBin: 0, counts: [], mean: 0, median: 0, largest: 0 }
  const sorted = Float64Array.from(values).sort()
  const [least, largest] = [sorted[0] as number, sorted.at(-1) as number]
  const binWidth = widthFor(largest - least + 1)
  const firstBin = Math.floor(least / binWidth)
  const counts = new Array<number>(Math.floor(largest / binWidth) - firstBin + 1).fill(0)
  for (const value of values) {
    const bin = Math.floor(value / binWidth) - firstBin
    counts[bin] = (counts[bin] as number) + 1
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { binWidth, firstBin, counts, mean, median: sorted[(sorted.length - 1) >> 1] as number, largest }
}

function widthFor(range: number): number {
  for (let power = 1; ; power *= 10)
    for (const factor of [1, 2, 5]) if (range / (factor * power) <= mostBins) return factor * power
}
