// "x = 5" names a value: the label is what stands on the left, the value is what counts.
import { showNode } from '../show-node.js'
import { lettersOf, type Node, type NodeOf } from '../tree.js'

export interface Labelled {
  label: string | undefined
  value: Node
}

/** A name for something that was asked for: x, AB, |AB|, f(x), P(A), V_1 : V_2, a/b, (p, q), words. */
export function isLabel(node: Node): boolean {
  switch (node.kind) {
    case 'letter':
    case 'text':
      return true
    case 'call':
      return (
        (node.name.endsWith('()') || node.name === 'abs') &&
        node.args.every((arg) => isLabel(arg) || arg.kind === 'number')
      )
    case 'product':
      return node.factors.every((factor) => factor.kind === 'letter' && /^[A-Z]/.test(factor.name))
    case 'quotient':
      return isLabel(node.top) && isLabel(node.bottom)
    case 'ratio':
      return node.parts.every(isLabel)
    case 'tuple':
      return node.items.every(isLabel)
    default:
      return false
  }
}

/** Takes the value out of x = 5, x = 2 + 3 = 5, 2 + 3 = 5 and x = 1/3 ≈ 0.33; anything else is its own value. */
export function labelled(node: Node): Labelled {
  if (node.kind !== 'relation') return { label: undefined, value: node }
  return fromEquation(node) ?? { label: undefined, value: node }
}

function fromEquation({ parts, signs }: NodeOf<'relation'>): Labelled | undefined {
  const [first, second] = parts
  if (first === undefined || second === undefined) return undefined
  if (signs.every((sign) => sign === '⇒' || sign === '→')) return undefined
  if (!signs.every((sign) => sign === '=' || sign === '≈' || sign === '≡')) return undefined
  // The last before an approximation: that is the exact one.
  const firstApproximation = signs.indexOf('≈')
  const last = parts[firstApproximation === -1 ? parts.length - 1 : firstApproximation] as Node
  if (isLabel(first)) return { label: showLabel(first), value: last === first ? second : last }
  const isComputation = lettersOf(first).size + lettersOf(last).size === 0 || parts.length > 2 || last === first
  return isComputation ? { label: undefined, value: last } : undefined
}

/** A function's label is its name: W(n) = 1 says what W(x) = 1 does. */
function showLabel(node: Node): string {
  return node.kind === 'call' && node.name.endsWith('()') ? node.name : showNode(node)
}
