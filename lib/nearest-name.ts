// "Did you mean": the known name closest to a mistyped one.

/** The known name within a third of its length in edits (at least one), or undefined where none is that near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: { name: string; distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (best === undefined || distance < best.distance) best = { name: candidate, distance }
  }
  if (best === undefined) return undefined
  const allowed = Math.max(1, Math.ceil(Math.max(name.length, best.name.length) / 3))
  return best.distance <= allowed ? best.name : undefined
}

/** What is wrong with a key that nobody knows. */
export function unknownKey(key: string, { known, where = '' }: { known: readonly string[]; where?: string }): string {
  const nearest = nearestName(key, known)
  const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean "${nearest}"?`
  return `unknown key "${key}"${where === '' ? '' : ` in ${where}`}; ${hint}`
}

/** Edits (insert, delete, replace, or swap of neighbours) that turn one name into the other. */
export function editDistance(from: string, to: string): number {
  // Three rows of the optimal string alignment table: the current one and the two before it.
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replace = at(last, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1)
      row[j] = Math.min(at(last, j) + 1, at(row, j - 1) + 1, replace)
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (isSwap) row[j] = Math.min(at(row, j), at(beforeLast, j - 2) + 1)
    }
    beforeLast = last
    last = row
  }
  return at(last, to.length)
}

function at(row: number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
