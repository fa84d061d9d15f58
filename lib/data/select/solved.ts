// Which problems a run has solved, counted stage by stage. Pure, and plain JSON.

export interface SolvedState {
  /** Ids of the rows that are left out for the rest of the run, in the order in which they fell out. */
  readonly leftOut: readonly string[]
  /** Of each row seen in this stage: its right answers and all its answers. */
  readonly counts: Readonly<Record<string, readonly [numRight: number, numAnswers: number]>>
}

export const nothingSolved: SolvedState = { leftOut: [], counts: {} }

/** After a step. A row may be seen several times in a stage; all its answers count. */
export function countAnswers(
  state: SolvedState,
  seen: readonly { id: string; numRight: number; numAnswers: number }[],
): SolvedState {
  const counts = new Map(Object.entries(state.counts))
  for (const { id, numRight, numAnswers } of seen) {
    const [right, all] = counts.get(id) ?? [0, 0]
    counts.set(id, [right + numRight, all + numAnswers])
  }
  return { ...state, counts: Object.fromEntries(counts) }
}

/**
 * When a stage begins: rows of which more than `maxSolvedBefore` was right in the stage before are left out, where that is given; a row
 * that was not seen stays. Counting begins anew.
 */
export function beginStage({ leftOut, counts }: SolvedState, maxSolvedBefore: number | undefined): SolvedState {
  if (maxSolvedBefore === undefined) return { leftOut, counts: {} }
  const solved = Object.entries(counts).filter(([, [right, all]]) => right > maxSolvedBefore * all)
  return { leftOut: [...new Set([...leftOut, ...solved.map(([id]) => id)])], counts: {} }
}
