// Repeats of several pieces of work in turn, so that what else a machine does meets all of them alike.

export interface Timing {
  /** Mean of the repeats, a tenth of them left out at either end: what a long run would take, but for rare stalls. */
  seconds: number
  /** Half of the distance between the quartiles, as a share of the seconds. */
  spread: number
  /** Of the mean, in seconds. */
  error: number
}

/** Seconds of each piece: `rounds` repeats at least, and more while there is time. */
export async function timeInTurn(
  pieces: readonly (() => Promise<void>)[],
  { rounds, atLeastSeconds = 0, signal }: { rounds: number; atLeastSeconds?: number; signal?: AbortSignal | undefined },
): Promise<Timing[]> {
  for (const piece of pieces) await piece() // packs weights, takes memory, makes programs
  const taken: number[][] = pieces.map(() => [])
  const started = performance.now()
  for (let round = 0; round < rounds || performance.now() - started < 1000 * atLeastSeconds; round++)
    for (const [i, piece] of pieces.entries()) {
      signal?.throwIfAborted()
      const before = performance.now()
      await piece()
      taken[i]?.push((performance.now() - before) / 1000)
    }
  return taken.map(timingOf)
}

export function timingOf(values: readonly number[]): Timing {
  const sorted = [...values].sort((a, b) => a - b)
  const cut = Math.floor(sorted.length / 10)
  const middle = sorted.slice(cut, sorted.length - cut)
  const seconds = middle.reduce((sum, value) => sum + value, 0) / middle.length
  const at = (p: number) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] as number
  const half = (at(0.75) - at(0.25)) / 2
  // Of a normal distribution half of the distance between the quartiles is 0.67 deviations.
  return { seconds, spread: seconds === 0 ? 0 : half / seconds, error: half / 0.67 / Math.sqrt(sorted.length) }
}
