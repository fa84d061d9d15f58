// Equations and inequalities.
import type { Node, NodeOf } from '../tree.js'
import type { Context } from './context.js'
import { isSameUpToFactor } from './scalar.js'

type Relation = NodeOf<'relation'>

interface Link {
  /** left − right; of two expressions that are compared the smaller one comes first. */
  difference: Node
  sign: string
}

const turned: Readonly<Record<string, string>> = { '>': '<', '≥': '≤' }

/** Link by link in any order; each up to a factor, which for an inequality is positive. */
export function isSameRelation(a: Relation, b: Relation, context: Context): boolean {
  const [x, y] = [linksOf(a), linksOf(b)]
  if (x === undefined || y === undefined || x.length !== y.length) return false
  const rest = [...y]
  return x.every((link) => {
    const index = rest.findIndex((other) => isSameLink(link, other, context))
    if (index === -1) return false
    rest.splice(index, 1)
    return true
  })
}

function isSameLink(a: Link, b: Link, context: Context): boolean {
  return a.sign === b.sign && isSameUpToFactor(a.difference, b.difference, a.sign !== '=' && a.sign !== '≠', context)
}

function linksOf({ parts, signs }: Relation): Link[] | undefined {
  const links: Link[] = []
  for (const [i, sign] of signs.entries()) {
    const [left, right] = [parts[i] as Node, parts[i + 1] as Node]
    if (!isScalar(left) || !isScalar(right) || !/^[=≠<>≤≥]$/.test(sign)) return undefined
    const isTurned = turned[sign] !== undefined
    const [low, high] = isTurned ? [right, left] : [left, right]
    const difference: Node = { kind: 'sum', terms: [low, { kind: 'negative', of: high }] }
    links.push({ difference, sign: turned[sign] ?? sign })
  }
  return links
}

const structured = new Set(['tuple', 'set', 'list', 'matrix', 'relation', 'combination', 'ratio', 'text', 'plus-minus'])

export function isScalar(node: Node): boolean {
  return !structured.has(node.kind)
}
