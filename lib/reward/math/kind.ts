// Names for what an answer is, and one spelling of it.
import { type Budget, OverBudget, Unreadable } from './budget.js'
import { labelled } from './compare/label.js'
import { splitUnit } from './compare/quantity.js'
import { isRegionLike } from './compare/region.js'
import { isScalar } from './compare/relation.js'
import { rationalOfForm } from './exact/form.js'
import { showForm } from './exact/show.js'
import { exactForm } from './exact/to-form.js'
import { isWhole } from './rational.js'
import { showNode } from './show-node.js'
import { hasNode, lettersOf, mapChildren, type Node } from './tree.js'

export type AnswerKind =
  | 'integer'
  | 'decimal'
  | 'rational'
  | 'percentage'
  | 'root'
  | 'complex'
  | 'number'
  | 'infinity'
  | 'expression'
  | 'equation'
  | 'inequality'
  | 'interval'
  | 'tuple'
  | 'set'
  | 'list'
  | 'matrix'
  | 'ratio'
  | 'text'

export function kindOf(node: Node, budget: Budget): AnswerKind {
  const { value } = labelled(node)
  switch (value.kind) {
    case 'relation':
      return value.signs.every((sign) => sign === '=' || sign === '≡')
        ? 'equation'
        : isRegionLike(value)
          ? 'inequality'
          : 'equation'
    case 'tuple':
      return isRegionLike(value) ? 'interval' : 'tuple'
    case 'combination':
      return 'interval'
    case 'plus-minus':
      return 'list'
    case 'set':
    case 'list':
    case 'matrix':
    case 'ratio':
    case 'text':
      return value.kind
    default:
      return kindOfScalar(splitUnit(value).value, budget)
  }
}

function kindOfScalar(node: Node, budget: Budget): AnswerKind {
  if (node.kind === 'unit') return 'percentage'
  const bare = node.kind === 'negative' ? node.of : node
  if (bare.kind === 'constant' && bare.name === 'infinity') return 'infinity'
  if (hasNode(node, ({ kind }) => kind === 'plus-minus')) return 'list'
  if (hasNode(node, ({ kind }) => kind === 'matrix')) return 'matrix'
  if (lettersOf(node).size > 0) return 'expression'
  if (bare.kind === 'number' && bare.numDecimals !== undefined) return 'decimal'
  const form = exactForm(node, budget)
  const rational = form && rationalOfForm(form)
  if (rational !== undefined) return isWhole(rational) ? 'integer' : 'rational'
  if (hasNode(node, (part) => part.kind === 'constant' && part.name === 'i')) return 'complex'
  return hasNode(node, ({ kind }) => kind === 'root') ? 'root' : 'number'
}

/** Equal spellings mean equal answers; equal answers do not always have one spelling. */
export function canonicalOf(node: Node, budget: Budget): string {
  const { value } = labelled(node)
  return showNode(exactParts(value, budget))
}

function exactParts(node: Node, budget: Budget): Node {
  if (!isScalar(node)) return mapChildren(node, (child) => exactParts(child, budget))
  if (node.kind === 'unit' && node.unit !== '%') return { ...node, of: exactParts(node.of, budget) }
  try {
    const form = exactForm(node, budget)
    return form === undefined ? node : { kind: 'letter', name: showForm(form) }
  } catch (error) {
    if (error instanceof Unreadable && !(error instanceof OverBudget)) return node
    throw error
  }
}
