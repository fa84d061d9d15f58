// Rewrites a tree so that comparing it is simple: ± becomes two values, matrices are added and multiplied.
import { Unreadable } from '../budget.js'
import { hasNode, mapChildren, type Node, type NodeOf } from '../tree.js'

/** The two values of an expression with ±; the signs go together, ∓ the other way. */
export function expandSigns(node: Node): Node[] {
  if (!hasNode(node, ({ kind }) => kind === 'plus-minus')) return [node]
  return [chooseSign(node, false), chooseSign(node, true)]
}

function chooseSign(node: Node, isSecond: boolean): Node {
  if (node.kind !== 'plus-minus') return mapChildren(node, (child) => chooseSign(child, isSecond))
  const right = chooseSign(node.right, isSecond)
  const signed: Node = node.isMinusFirst === isSecond ? right : { kind: 'negative', of: right }
  return node.left === undefined ? signed : { kind: 'sum', terms: [chooseSign(node.left, isSecond), signed] }
}

/** Carries out the arithmetic of matrices, so that a matrix is left where one is the result. */
export function foldMatrices(node: Node): Node {
  if (node.kind === 'matrix' || !hasNode(node, ({ kind }) => kind === 'matrix')) return node
  const folded = mapChildren(node, foldMatrices)
  switch (folded.kind) {
    case 'sum':
      return folded.terms.reduce(addNodes)
    case 'product':
      return folded.factors.reduce(multiplyNodes)
    case 'negative':
      return folded.of.kind === 'matrix' ? mapMatrix(folded.of, (of) => ({ kind: 'negative', of })) : folded
    case 'quotient':
      return folded.top.kind === 'matrix' ? mapMatrix(folded.top, (top) => ({ ...folded, top })) : folded
    case 'call':
      return folded.name === 'det' && folded.args[0]?.kind === 'matrix' ? determinant(folded.args[0].rows) : folded
    default:
      return folded
  }
}

function mapMatrix({ rows }: NodeOf<'matrix'>, change: (entry: Node) => Node): Node {
  return { kind: 'matrix', rows: rows.map((row) => row.map(change)) }
}

function addNodes(a: Node, b: Node): Node {
  if (a.kind !== 'matrix' || b.kind !== 'matrix') return { kind: 'sum', terms: [a, b] }
  requireSame(a.rows.length, b.rows.length)
  requireSame(a.rows[0]?.length, b.rows[0]?.length)
  const add = (row: Node[], i: number) =>
    row.map((entry, j): Node => ({ kind: 'sum', terms: [entry, b.rows[i]?.[j] as Node] }))
  return { kind: 'matrix', rows: a.rows.map(add) }
}

function multiplyNodes(a: Node, b: Node): Node {
  if (a.kind === 'matrix' && b.kind === 'matrix') return multiplyMatrices(a, b)
  if (a.kind === 'matrix') return mapMatrix(a, (entry) => ({ kind: 'product', factors: [entry, b] }))
  if (b.kind === 'matrix') return mapMatrix(b, (entry) => ({ kind: 'product', factors: [a, entry] }))
  return { kind: 'product', factors: [a, b] }
}

function multiplyMatrices(a: NodeOf<'matrix'>, b: NodeOf<'matrix'>): Node {
  requireSame(a.rows[0]?.length, b.rows.length)
  if (a.rows.length * b.rows.length * (b.rows[0]?.length ?? 0) > 1000)
    throw new Unreadable('its matrices are too large')
  const columns = (b.rows[0] ?? []).map((_, j) => b.rows.map((row) => row[j] as Node))
  const dot = (row: Node[], column: Node[]): Node => ({
    kind: 'sum',
    terms: row.map((entry, k) => ({ kind: 'product', factors: [entry, column[k] as Node] })),
  })
  return { kind: 'matrix', rows: a.rows.map((row) => columns.map((column) => dot(row, column))) }
}

/** By the first row; up to 4 × 4. */
function determinant(rows: Node[][]): Node {
  requireSame(rows.length, rows[0]?.length)
  if (rows.length > 4) throw new Unreadable('its determinant is too large')
  if (rows.length === 1) return rows[0]?.[0] as Node
  const terms = (rows[0] ?? []).map((entry, j): Node => {
    const minor = rows.slice(1).map((row) => row.filter((_, k) => k !== j))
    const product: Node = { kind: 'product', factors: [entry, determinant(minor)] }
    return j % 2 === 0 ? product : { kind: 'negative', of: product }
  })
  return { kind: 'sum', terms }
}

function requireSame(a: number | undefined, b: number | undefined): void {
  if (a !== b) throw new Unreadable('the sizes of its matrices do not fit')
}
