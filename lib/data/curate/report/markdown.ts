// The report as Markdown. What a data set says is text, never markup.
import type { Block } from './document.js'

export function markdownOf(blocks: readonly Block[], { title }: { title: string }): string {
  const parts = blocks.flatMap((block) => textOf(block))
  return `${[`# ${title}`, ...parts].join('\n\n')}\n`
}

function textOf(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return [`## ${block.text}`]
    case 'text':
      return [escapedText(block.text)]
    case 'table':
      return [[block.header, block.header.map(() => '---'), ...block.rows].map(line).join('\n')]
    case 'plot':
      return []
  }
}

const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |`

const cellText = (text: string): string => (text === '---' ? text : escapedText(text))

/** On one line, with every sign escaped that Markdown or HTML within it would take for markup, and no address made a link. */
const escapedText = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .replaceAll(/[\\`*_[\]<>|$#&~]/g, '\\$&')
    .replaceAll('://', ':\\//')
    .replaceAll(/www(?=\.)/gi, '$&\\')
