// Bars as SVG: all that a report needs, with no script and nothing to load.

export interface Bar {
  label: string
  /** From left to right; one for a plain bar. */
  parts: readonly { value: number; colour: string; name: string }[]
}

export const colours = {
  plain: '#3b6ea8',
  kept: '#3b8f5a',
  dropped: ['#b5483b', '#d0803a', '#c9a83c', '#7d5ba6', '#4f8fb5', '#8a8a8a', '#b86b99', '#5c6b73'],
} as const

const rowHeight = 22
const labelWidth = 190
const plotWidth = 470
const valueWidth = 120

/** Horizontal bars, one below the other, each with its total; where bars have several parts, what their colours mean. */
export function barChart(bars: readonly Bar[], { title }: { title: string }): string {
  const largest = Math.max(1, ...bars.map(totalOf))
  const rows = bars.map((bar, i) => barRow(bar, i * rowHeight, plotWidth / largest))
  const [first] = bars
  const top = bars.length * rowHeight
  const names = first && first.parts.length > 1 ? legend(first.parts, top) : { content: '', height: 0 }
  const size = { width: labelWidth + plotWidth + valueWidth, height: top + names.height + 4 }
  return svg({ title, ...size }, rows.join('') + names.content)
}

const namesInRow = 3

function legend(parts: Bar['parts'], top: number): { content: string; height: number } {
  const entries = parts.map(({ name, colour }, i) => {
    const x = labelWidth + (i % namesInRow) * (plotWidth / namesInRow + 30)
    const y = top + 8 + Math.floor(i / namesInRow) * rowHeight
    const square = `<rect x="${fixed(x)}" y="${y}" width="12" height="12" fill="${colour}"/>`
    return `${square}<text x="${fixed(x + 18)}" y="${y + 11}">${escaped(name)}</text>`
  })
  return { content: entries.join(''), height: Math.ceil(parts.length / namesInRow) * rowHeight + 8 }
}

const totalOf = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0)

function barRow(bar: Bar, y: number, scale: number): string {
  let x = labelWidth
  const parts = bar.parts.map(({ value, colour, name }) => {
    const width = value * scale
    const at = `x="${fixed(x)}" y="${y + 3}" width="${fixed(width)}" height="${rowHeight - 6}" fill="${colour}"`
    x += width
    return value === 0 ? '' : `<rect ${at}><title>${escaped(`${bar.label}, ${name}: ${value}`)}</title></rect>`
  })
  const middle = y + rowHeight / 2 + 4
  const label = `<text x="${labelWidth - 8}" y="${middle}" text-anchor="end">${escaped(shortened(bar.label))}</text>`
  return `${label}${parts.join('')}<text x="${fixed(x + 6)}" y="${middle}">${totalOf(bar)}</text>`
}

const height = 180
const axisHeight = 34

/** Upright bars without gaps. `from` is where the first begins, `step` how far apart they are. */
export function columnChart(
  counts: readonly number[],
  { title, from, step, axis }: { title: string; from: number; step: number; axis: string },
): string {
  const most = Math.max(1, ...counts)
  const [width, left] = [labelWidth + plotWidth, 50]
  const wide = (width - left) / Math.max(1, counts.length)
  const columns = counts.map((count, i) => {
    const tall = (count / most) * (height - 20)
    const at = `x="${fixed(left + i * wide)}" y="${fixed(height - tall)}" width="${fixed(Math.max(0.5, wide - 1))}"`
    const tip = `${from + i * step} to ${from + (i + 1) * step - 1} ${axis}: ${count}`
    return `<rect ${at} height="${fixed(tall)}" fill="${colours.plain}"><title>${escaped(tip)}</title></rect>`
  })
  const every = Math.max(1, Math.ceil(counts.length / 8))
  const ticks = counts.flatMap((_, i) =>
    i % every === 0 ? [`<text x="${fixed(left + i * wide)}" y="${height + 15}">${from + i * step}</text>`] : [],
  )
  const scale = `<text x="${left - 6}" y="24" text-anchor="end">${most}</text>`
  const name = `<text x="${width}" y="${height + 30}" text-anchor="end">${escaped(axis)}</text>`
  return svg({ title, width, height: height + axisHeight }, [...columns, ...ticks, scale, name].join(''))
}

function svg({ title, width, height }: { title: string; width: number; height: number }, content: string): string {
  const box = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} role="img"><title>${escaped(title)}</title>${content}</svg>`
}

/** As text of HTML and of SVG; control characters and half surrogate pairs, which neither may hold, are replaced. */
export function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, (letter) => (letter === '\n' || letter === '\t' ? letter : '\ufffd'))
    .replaceAll(/[&<>"']/g, (letter) => entities[letter] as string)
}

const fixed = (value: number): string => String(Number(value.toFixed(2)))
const shortened = (text: string): string => (text.length <= 28 ? text : `${text.slice(0, 27)}…`)
