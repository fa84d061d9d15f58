// Which checkpoints stay. Pure.

export interface Kept {
  step: number
  score: number | undefined
  /** Not as it was written: nothing is gone on with from there. */
  isDamaged?: boolean
}

export interface Retention {
  /** The last so many. */
  keepLast: number
  /** And the one with the highest score; of equal ones the last. */
  keepBest: boolean
}

/**
 * Steps of those that go, damaged ones first of all. The last at or before a step stays too, where one is given: the run may have to
 * go back there.
 */
export function superfluous(
  all: readonly Kept[],
  { keepLast, keepBest }: Retention,
  { backTo }: { backTo?: number | undefined } = {},
): number[] {
  const inOrder = all.filter(({ isDamaged }) => !isDamaged).sort((a, b) => a.step - b.step)
  const stays = new Set(inOrder.slice(-keepLast).map(({ step }) => step))
  const best = keepBest ? bestOf(inOrder) : undefined
  if (best) stays.add(best.step)
  const back = backTo === undefined ? undefined : inOrder.findLast(({ step }) => step <= backTo)
  if (back) stays.add(back.step)
  return all.map(({ step }) => step).filter((step) => !stays.has(step))
}

export function bestOf<K extends Kept>(all: readonly K[]): K | undefined {
  let best: K | undefined
  for (const one of all) {
    if (one.score === undefined || one.isDamaged) continue
    const isBetter = best?.score === undefined || one.score > best.score
    if (isBetter || (one.score === best?.score && one.step > (best?.step ?? -1))) best = one
  }
  return best
}
