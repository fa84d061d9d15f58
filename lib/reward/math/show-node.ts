// A tree as plain text: one spelling for one tree, used for names and canonical forms.
import { showRational } from './rational.js'
import type { Node } from './tree.js'

export function showNode(node: Node): string {
  const all = (nodes: readonly Node[], separator: string) => nodes.map(showNode).join(separator)
  switch (node.kind) {
    case 'number':
      return showRational(node.value)
    case 'letter':
      return node.name
    case 'constant':
      return { pi: 'π', e: 'e', i: 'i', infinity: '∞' }[node.name]
    case 'sum':
      return `(${all(node.terms, ' + ')})`
    case 'product':
      return all(node.factors, '*')
    case 'quotient':
      return `${showNode(node.top)}/(${showNode(node.bottom)})`
    case 'negative':
      return `-${showNode(node.of)}`
    case 'power':
      return `(${showNode(node.base)})^(${showNode(node.exponent)})`
    case 'root':
      return `root${node.degree}(${showNode(node.of)})`
    case 'call':
      return `${node.name.replace('()', '')}(${all(node.args, ', ')})`
    case 'series':
      return `${node.isSum ? 'sum' : 'product'}(${node.index} = ${showNode(node.from)}..${showNode(node.to)}, ${showNode(node.body)})`
    case 'plus-minus':
      return `${node.left === undefined ? '' : showNode(node.left)}${node.isMinusFirst ? '∓' : '±'}${showNode(node.right)}`
    case 'unit':
      return `${showNode(node.of)} ${node.unit}`
    case 'tuple':
      return `${node.open}${all(node.items, ', ')}${node.close}`
    case 'set':
      return `{${all(node.items, ', ')}}`
    case 'list':
      return all(node.items, ', ')
    case 'matrix':
      return `[${node.rows.map((row) => `[${all(row, ', ')}]`).join(', ')}]`
    case 'relation':
      return node.parts.map((part, i) => `${i === 0 ? '' : ` ${node.signs[i - 1]} `}${showNode(part)}`).join('')
    case 'combination':
      return all(node.parts, ` ${node.sign} `)
    case 'ratio':
      return all(node.parts, ':')
    case 'text':
      return node.words
  }
}
