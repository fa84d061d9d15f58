// Which rows a stage trains on. Pure, and plain JSON.
import { unknownKey } from '../nearest-name.js'

/** Which rows a stage trains on. All bounds that are given must hold, and both ends are inside; at least one is given. */
export interface RowSelection {
  /** Least tokens of the rendered prompt, chat template included (FastCuRL splits its stages by them). */
  minPromptTokens?: number | undefined
  /** Most tokens of the rendered prompt. */
  maxPromptTokens?: number | undefined
  /** Least `passRate` of the row itself, 0 to 1, as `lengthen data difficulty` wrote it. A row without one is an error. */
  minPassRate?: number | undefined
  /** Most `passRate` of the row itself, 0 to 1. */
  maxPassRate?: number | undefined
  /**
   * Problems of which a larger share of answers, 0 to 1, was right in the stage before are left out for the rest of the run (POLARIS). A
   * problem that was not seen there stays. Not for the first stage.
   */
  maxSolvedBefore?: number | undefined
}

const counts = ['minPromptTokens', 'maxPromptTokens'] as const
const shares = ['minPassRate', 'maxPassRate', 'maxSolvedBefore'] as const
const keys: readonly string[] = [...counts, ...shares]

/** What is wrong with it, if anything. */
export function selectionProblem(select: RowSelection, { isFirst }: { isFirst: boolean }): string | undefined {
  const unknown = Object.keys(select).find((key) => !keys.includes(key))
  if (unknown !== undefined) return unknownKey(unknown, { known: [...keys], where: 'select' })
  if (Object.values(select).every((bound) => bound === undefined)) return `expected ${keys.join(', ')} in select`
  if (isFirst && select.maxSolvedBefore !== undefined)
    return 'expected no select.maxSolvedBefore in the first stage: no stage is before it'
  return (
    wrongBound(select, counts, (bound) => Number.isSafeInteger(bound) && bound >= 0, 'a whole number') ??
    wrongBound(select, shares, (bound) => bound >= 0 && bound <= 1, 'a share from 0 to 1') ??
    wrongOrder(select, 'minPromptTokens', 'maxPromptTokens') ??
    wrongOrder(select, 'minPassRate', 'maxPassRate')
  )
}

function wrongBound(
  select: RowSelection,
  names: readonly (keyof RowSelection)[],
  isSound: (bound: number) => boolean,
  expected: string,
): string | undefined {
  const name = names.find((name) => select[name] !== undefined && !isSound(select[name]))
  return name && `expected ${expected} for select.${name}, got ${select[name]}`
}

function wrongOrder(select: RowSelection, least: keyof RowSelection, most: keyof RowSelection): string | undefined {
  const [min = 0, max = Number.POSITIVE_INFINITY] = [select[least], select[most]]
  return min <= max ? undefined : `expected at most ${most} = ${max} for select.${least}, got ${min}`
}
