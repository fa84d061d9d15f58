// Puts a value in a letter's place.
import { mapChildren, type Node } from './tree.js'

export function substitute(node: Node, letter: string, value: Node): Node {
  if (node.kind === 'letter' && node.name === letter) return value
  if (node.kind === 'constant' && node.name === letter) return value
  if (node.kind === 'series' && node.index === letter) {
    return { ...node, from: substitute(node.from, letter, value), to: substitute(node.to, letter, value) }
  }
  return mapChildren(node, (child) => substitute(child, letter, value))
}
