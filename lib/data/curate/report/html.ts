// The report as one page that loads nothing and runs nothing.
import type { Block } from './document.js'
import { escaped } from './svg.js'

const policy = "default-src 'none'; style-src 'unsafe-inline'"

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; color: #222; }
h2 { margin-top: 2.2rem; }
table { border-collapse: collapse; margin: 0.8rem 0; font-size: 13px; }
th, td { border-bottom: 1px solid #ddd; padding: 3px 10px; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { white-space: nowrap; overflow-wrap: normal; }
svg { display: block; max-width: 100%; height: auto; margin: 0.8rem 0; font: 12px system-ui, sans-serif; }
`

export function htmlOf(blocks: readonly Block[], { title }: { title: string }): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<h1>${escaped(title)}</h1>`,
    ...blocks.map(elementOf),
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

function elementOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${escaped(block.text)}</h2>`
    case 'text':
      return `<p>${escaped(block.text)}</p>`
    case 'table':
      return `<table>\n${row('th', block.header)}\n${block.rows.map((cells) => row('td', cells)).join('\n')}\n</table>`
    case 'plot':
      return block.svg
  }
}

const row = (tag: 'th' | 'td', cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
