// simplify(a − b) = 0, by our own engine: exactly where exact arithmetic applies, else by values at fixed points. What SymPy would
// not read is not the same as anything.
import { type Budget, OverBudget, Unreadable } from '../math/budget.js'
import { isSameValue } from '../math/compare/scalar.js'
import { readExpression } from './expression.js'

/** @throws OverBudget. */
export function isZeroDifference(a: string, b: string, { budget, seed }: { budget: Budget; seed: number }): boolean {
  try {
    return isSameValue(readExpression(a, budget), readExpression(b, budget), { budget, seed })
  } catch (error) {
    if (error instanceof Unreadable && !(error instanceof OverBudget)) return false
    throw error
  }
}
