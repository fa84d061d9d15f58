// What an answer says, as a tree: expressions, and what is made of them.
import type { Rational } from './rational.js'

export type Node =
  /** `numDecimals`: digits after the point, where it was written with one. */
  | { kind: 'number'; value: Rational; numDecimals?: number }
  | { kind: 'letter'; name: string }
  | { kind: 'constant'; name: 'pi' | 'e' | 'i' | 'infinity' }
  | { kind: 'sum'; terms: Node[] }
  | { kind: 'product'; factors: Node[] }
  | { kind: 'quotient'; top: Node; bottom: Node }
  | { kind: 'negative'; of: Node }
  | { kind: 'power'; base: Node; exponent: Node }
  | { kind: 'root'; degree: number; of: Node }
  | { kind: 'call'; name: string; args: Node[] }
  | { kind: 'series'; isSum: boolean; index: string; from: Node; to: Node; body: Node }
  /** ± and, where `isMinusFirst`, ∓. */
  | { kind: 'plus-minus'; left: Node | undefined; right: Node; isMinusFirst: boolean }
  /** Per cent, degrees, money, cm^2 and words after a number. */
  | { kind: 'unit'; of: Node; unit: string }
  | { kind: 'tuple'; open: string; close: string; items: Node[] }
  | { kind: 'set'; items: Node[] }
  /** `isJoint`: parted by "and" alone. */
  | { kind: 'list'; items: Node[]; isJoint?: boolean }
  | { kind: 'matrix'; rows: Node[][] }
  /** parts[0] signs[0] parts[1] signs[1] … */
  | { kind: 'relation'; parts: Node[]; signs: string[] }
  | { kind: 'combination'; sign: '∪' | '∩' | '∖'; parts: Node[] }
  | { kind: 'ratio'; parts: Node[]; spelling: string }
  | { kind: 'text'; words: string }

export type NodeOf<K extends Node['kind']> = Extract<Node, { kind: K }>

/** The node's own children, in order. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'sum':
      return node.terms
    case 'product':
      return node.factors
    case 'quotient':
      return [node.top, node.bottom]
    case 'negative':
    case 'root':
    case 'unit':
      return [node.of]
    case 'power':
      return [node.base, node.exponent]
    case 'call':
      return node.args
    case 'series':
      return [node.from, node.to, node.body]
    case 'plus-minus':
      return node.left === undefined ? [node.right] : [node.left, node.right]
    case 'tuple':
    case 'set':
    case 'list':
      return node.items
    case 'matrix':
      return node.rows.flat()
    case 'relation':
    case 'combination':
    case 'ratio':
      return node.parts
    default:
      return []
  }
}

/** The same node with every child replaced. */
export function mapChildren(node: Node, change: (child: Node) => Node): Node {
  switch (node.kind) {
    case 'sum':
      return { ...node, terms: node.terms.map(change) }
    case 'product':
      return { ...node, factors: node.factors.map(change) }
    case 'quotient':
      return { ...node, top: change(node.top), bottom: change(node.bottom) }
    case 'negative':
    case 'root':
    case 'unit':
      return { ...node, of: change(node.of) }
    case 'power':
      return { ...node, base: change(node.base), exponent: change(node.exponent) }
    case 'call':
      return { ...node, args: node.args.map(change) }
    case 'series':
      return { ...node, from: change(node.from), to: change(node.to), body: change(node.body) }
    case 'plus-minus':
      return { ...node, left: node.left && change(node.left), right: change(node.right) }
    case 'tuple':
    case 'set':
    case 'list':
      return { ...node, items: node.items.map(change) }
    case 'matrix':
      return { ...node, rows: node.rows.map((row) => row.map(change)) }
    case 'relation':
    case 'combination':
    case 'ratio':
      return { ...node, parts: node.parts.map(change) }
    default:
      return node
  }
}

/** Is there a node for which `test` holds, this one or one below it? */
export function hasNode(node: Node, test: (node: Node) => boolean): boolean {
  return test(node) || childrenOf(node).some((child) => hasNode(child, test))
}

/** Letters that stand for something of their own: not a series' index. */
export function lettersOf(node: Node, found = new Set<string>()): Set<string> {
  if (node.kind === 'letter') found.add(node.name)
  else if (node.kind === 'series') {
    lettersOf(node.from, found)
    lettersOf(node.to, found)
    for (const name of lettersOf(node.body)) if (name !== node.index) found.add(name)
  } else for (const child of childrenOf(node)) lettersOf(child, found)
  return found
}
