// The rows that a stage's selection admits. Pure.
import type { RowSelection } from '../../schedule/row-selection.js'
import type { Row } from '../row.js'
import { passRateOf } from './pass-rate.js'

/** What a selection looks at beside the row itself. */
export interface RowFacts {
  /** Asked only where the selection has a bound on them. */
  numPromptTokens: (row: Row) => number
  /** Ids of rows that were left out before. */
  leftOut: ReadonlySet<string>
}

export function isSelected(row: Row, select: RowSelection, { numPromptTokens, leftOut }: RowFacts): boolean {
  if (leftOut.has(row.id)) return false
  const { minPromptTokens, maxPromptTokens, minPassRate, maxPassRate } = select
  const isInside = (value: () => number, min: number | undefined, max: number | undefined) =>
    (min === undefined && max === undefined) || (value() >= (min ?? 0) && value() <= (max ?? Number.POSITIVE_INFINITY))
  return (
    isInside(() => numPromptTokens(row), minPromptTokens, maxPromptTokens) &&
    isInside(() => passRateOf(row).passRate, minPassRate, maxPassRate)
  )
}

/** Whether the tokens of the rows' prompts must be counted for it. */
export const needsPromptTokens = ({ minPromptTokens, maxPromptTokens }: RowSelection): boolean =>
  minPromptTokens !== undefined || maxPromptTokens !== undefined
