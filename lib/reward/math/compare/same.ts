// Are two answers the same? By what they are made of, from the outside in.
import { Unreadable } from '../budget.js'
import { lettersOf, type Node, type NodeOf } from '../tree.js'
import type { Context } from './context.js'
import { expandSigns, foldMatrices } from './expand.js'
import { type Labelled, labelled } from './label.js'
import { isSameQuantity } from './quantity.js'
import { isRegionLike, isSameRegion, regionOf } from './region.js'
import { isSameRelation, isScalar } from './relation.js'
import { isSameUpToConstant } from './scalar.js'
import { isSameWords } from './words.js'

const maxItems = 60

export function isSameNode(answer: Node, gold: Node, context: Context): boolean {
  context.budget.charge(20)
  const [a, b] = [labelled(answer), labelled(gold)]
  if (a.label !== undefined && b.label !== undefined && a.label !== b.label) {
    return bothRelations(answer, gold, context)
  }
  return isSameItem(a.value, b.value, context) || bothRelations(answer, gold, context)
}

function bothRelations(answer: Node, gold: Node, context: Context): boolean {
  return answer.kind === 'relation' && gold.kind === 'relation' && isSameRelation(answer, gold, context)
}

function isSameItem(first: Node, second: Node, context: Context): boolean {
  const [a, b] = [unfold(first), unfold(second)]
  if (isRegionLike(a) || isRegionLike(b)) {
    const verdict = compareRegions(a, b, context)
    if (verdict !== undefined) return verdict
  }
  if (isCollection(a) || isCollection(b)) return isSameCollection(a, b, context)
  if (a.kind === 'matrix' || b.kind === 'matrix') return isSameMatrix(a, b, context)
  if (a.kind === 'tuple' && b.kind === 'tuple') return isSameTuple(a, b, context)
  if (a.kind === 'combination' && b.kind === 'combination') return isSameCombination(a, b, context)
  if (a.kind === 'relation' || b.kind === 'relation') return bothRelations(a, b, context)
  if (a.kind === 'ratio' || b.kind === 'ratio') return isSameRatio(a, b, context)
  if (a.kind === 'text' || b.kind === 'text') return a.kind === 'text' && b.kind === 'text' && isSameWords(a, b)
  if (!isScalar(a) || !isScalar(b)) return false
  return isSameNumber(a, b, context)
}

/** ± as a list, matrices carried out, x ∈ S as S. */
function unfold(node: Node): Node {
  if (node.kind === 'relation' && node.signs.join() === '∈') return node.parts[1] as Node
  if (isScalar(node) || node.kind === 'plus-minus') {
    const values = expandSigns(node)
    if (values.length > 1) return { kind: 'list', items: values }
  }
  return foldMatrices(node)
}

function compareRegions(a: Node, b: Node, context: Context): boolean | undefined {
  const [x, y] = [regionOf(a, context), regionOf(b, context)]
  return x && y && isSameRegion(x, y, context)
}

function isCollection(node: Node): node is NodeOf<'list' | 'set'> {
  return node.kind === 'list' || node.kind === 'set'
}

interface Items {
  items: Node[]
  labels: (string | undefined)[]
  /** In the order of different labels, as in p = 5, q = 2. */
  isOrdered: boolean
}

function itemsOf(node: Node): Items {
  const raw = isCollection(node) ? node.items : node.kind === 'tuple' ? node.items : [node]
  const parts: Labelled[] = raw.map(labelled).flatMap(({ label, value }) => {
    const node_ = unfold(value)
    return node_.kind === 'list' ? node_.items.map((item) => ({ label, value: item })) : [{ label, value: node_ }]
  })
  if (parts.length > maxItems) throw new Unreadable(`it has more than ${maxItems} items`)
  return grouped(parts)
}

/** p = 5, q = 2, p = 7, q = 2 is two pairs. */
function grouped(parts: Labelled[]): Items {
  const labels = parts.map(({ label }) => label)
  const items = parts.map(({ value }) => value)
  const numDifferent = new Set(labels).size
  const isLabelled = !labels.includes(undefined)
  if (!isLabelled || numDifferent === 1) return { items, labels, isOrdered: false }
  if (numDifferent === labels.length) return { items, labels, isOrdered: true }
  if (labels.length % numDifferent !== 0 || labels.some((label, i) => label !== labels[i % numDifferent])) {
    return { items, labels, isOrdered: false }
  }
  const tuples = Array.from({ length: labels.length / numDifferent }, (_, i): Node => {
    return { kind: 'tuple', open: '(', close: ')', items: items.slice(i * numDifferent, (i + 1) * numDifferent) }
  })
  return { items: tuples, labels: tuples.map(() => undefined), isOrdered: false }
}

function isSameCollection(a: Node, b: Node, context: Context): boolean {
  const isOneSet = a.kind === 'set' || b.kind === 'set'
  if (a.kind === 'tuple' || b.kind === 'tuple') {
    // A bare list may be a tuple whose brackets were left out, but a set has no order.
    if (isOneSet) return false
  }
  const [x, y] = [itemsOf(a), itemsOf(b)]
  if (x.isOrdered && y.isOrdered) return isSameAssignment(x, y, context)
  if (x.isOrdered || y.isOrdered || a.kind === 'tuple' || b.kind === 'tuple') return inOrder(x.items, y.items, context)
  // The solutions of a problem are a set, but 2, 2, 3 is not 2, 3.
  const areTuples = x.items.every(({ kind }) => kind === 'tuple')
  if (!isOneSet && !areTuples) return inAnyOrder(x.items, y.items, context)
  return inAnyOrder(distinct(x.items, context), distinct(y.items, context), context)
}

function isSameAssignment(a: Items, b: Items, context: Context): boolean {
  if (a.items.length !== b.items.length) return false
  const isSameLabels = a.labels.every((label) => b.labels.includes(label))
  if (!isSameLabels) return false
  return a.items.every((item, i) => isSameItem(item, b.items[b.labels.indexOf(a.labels[i])] as Node, context))
}

function inOrder(a: readonly Node[], b: readonly Node[], context: Context): boolean {
  return a.length === b.length && a.every((item, i) => isSameNode(item, b[i] as Node, context))
}

function inAnyOrder(a: readonly Node[], b: readonly Node[], context: Context): boolean {
  if (a.length !== b.length) return false
  const rest = [...b]
  return a.every((item) => {
    const index = rest.findIndex((other) => isSameNode(item, other, context))
    if (index === -1) return false
    rest.splice(index, 1)
    return true
  })
}

function distinct(items: readonly Node[], context: Context): Node[] {
  return items.filter((item, i) => !items.slice(0, i).some((before) => isSameNode(before, item, context)))
}

function isSameTuple(a: NodeOf<'tuple'>, b: NodeOf<'tuple'>, context: Context): boolean {
  const isVector = (node: NodeOf<'tuple'>) => node.open === '⟨'
  const isSameBrackets = a.open === b.open && a.close === b.close
  const isRound = (node: NodeOf<'tuple'>) => node.open === '(' && node.close === ')'
  if (!isSameBrackets && !((isVector(a) && isRound(b)) || (isVector(b) && isRound(a)))) return false
  return inOrder(a.items, b.items, context)
}

/** A row or a column is also a tuple. */
function isSameMatrix(a: Node, b: Node, context: Context): boolean {
  if (a.kind === 'matrix' && b.kind === 'matrix') {
    return a.rows.length === b.rows.length && a.rows.every((row, i) => inOrder(row, b.rows[i] as Node[], context))
  }
  const [matrix, other] = a.kind === 'matrix' ? [a, b] : [b, a]
  if (matrix.kind !== 'matrix' || other.kind !== 'tuple') return false
  const entries = matrix.rows.length === 1 ? (matrix.rows[0] as Node[]) : matrix.rows.flat()
  if (matrix.rows.length > 1 && matrix.rows[0]?.length !== 1) return false
  return a.kind === 'matrix' ? inOrder(entries, other.items, context) : inOrder(other.items, entries, context)
}

function isSameCombination(a: NodeOf<'combination'>, b: NodeOf<'combination'>, context: Context): boolean {
  if (a.sign !== b.sign) return false
  return a.sign === '∖' ? inOrder(a.parts, b.parts, context) : inAnyOrder(a.parts, b.parts, context)
}

/** 2:4 is 1:2, and 1:2 is 1/2; the digits of a clock are compared one by one. */
function isSameRatio(a: Node, b: Node, context: Context): boolean {
  if (a.kind !== 'ratio' || b.kind !== 'ratio') {
    const [x, y] = [asQuotient(a), asQuotient(b)]
    return x !== undefined && y !== undefined && isSameNumber(x, y, context)
  }
  if (a.parts.length !== b.parts.length) return false
  if (isClock(a) || isClock(b)) return inOrder(a.parts, b.parts, context)
  const [first, other] = [a.parts[0] as Node, b.parts[0] as Node]
  return a.parts.every((part, i) => {
    const left: Node = { kind: 'product', factors: [part, other] }
    const right: Node = { kind: 'product', factors: [b.parts[i] as Node, first] }
    return isSameNumber(left, right, context)
  })
}

function isClock({ spelling }: NodeOf<'ratio'>): boolean {
  return /^:\d\d$/.test(spelling) && spelling.startsWith(':0')
}

function asQuotient(node: Node): Node | undefined {
  if (node.kind !== 'ratio') return isScalar(node) ? node : undefined
  const [top, bottom] = node.parts
  return node.parts.length === 2 && top && bottom && !isClock(node) ? { kind: 'quotient', top, bottom } : undefined
}

function isSameNumber(a: Node, b: Node, context: Context): boolean {
  if (isInfinity(a) || isInfinity(b)) return isInfinity(a) === isInfinity(b)
  if (isSameQuantity(a, b, context)) return true
  const [bare, without] = [withoutConstant(a), withoutConstant(b)]
  if (without === undefined) return false
  return isSameUpToConstant(bare ?? a, without, context)
}

function isInfinity(node: Node): '+' | '-' | undefined {
  if (node.kind === 'negative') return isInfinity(node.of) === '+' ? '-' : isInfinity(node.of) === '-' ? '+' : undefined
  return node.kind === 'constant' && node.name === 'infinity' ? '+' : undefined
}

/** What is left of F(x) + C without its C, where it has one. */
function withoutConstant(node: Node): Node | undefined {
  if (node.kind !== 'sum') return undefined
  const isConstant = (term: Node) => term.kind === 'letter' && /^(?:C|c|K|C_\w+)$/.test(term.name)
  const rest = node.terms.filter((term) => !isConstant(term))
  if (rest.length !== node.terms.length - 1 || rest.length === 0) return undefined
  const others: Node = { kind: 'sum', terms: rest }
  const [constant] = node.terms.filter(isConstant)
  const name = constant?.kind === 'letter' ? constant.name : ''
  const letters = lettersOf(others)
  return letters.size > 0 && !letters.has(name) ? others : undefined
}
