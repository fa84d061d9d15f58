import type { Draw } from '../draw.js'
import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { plus, type Ratio, ratio } from '../ratio.js'
import { drawNumber, plain, spellNumber } from '../spell.js'

type Rows = readonly (readonly Ratio[])[]

const drawRows = (draw: Draw, height: number, width: number): Rows =>
  Array.from({ length: height }, () => Array.from({ length: width }, () => drawNumber(draw, 15)))

/** One of the ways to write a matrix. */
function matrix(draw: Draw, rows: Rows): string {
  const gap = draw.pick(['', ' '])
  const body = rows
    .map((row) => row.map((value) => spellNumber(draw, value)).join(`${gap}&${gap}`))
    .join(draw.pick([' \\\\ ', '\\\\', ' \\\\\n']))
  const end = draw.pick(['', '', ' \\\\ '])
  const columns = 'c'.repeat(rows[0]?.length ?? 0)
  return draw.pick([
    `\\begin{pmatrix}${body}${end}\\end{pmatrix}`,
    `\\begin{pmatrix} ${body}${end} \\end{pmatrix}`,
    `\\begin{bmatrix} ${body} \\end{bmatrix}`,
    `\\left[\\begin{array}{${columns}} ${body} \\end{array}\\right]`,
    `\\left(\\begin{array}{${columns}}${body}${end}\\end{array}\\right)`,
  ])
}

const transposed = (rows: Rows): Rows => (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ratio(0)))

const isSymmetric = (rows: Rows): boolean =>
  JSON.stringify(rows.map((row) => row.map(plain))) === JSON.stringify(transposed(rows).map((row) => row.map(plain)))

function withOneChanged(draw: Draw, rows: Rows): Rows {
  const [down, across] = [draw.int(0, rows.length - 1), draw.int(0, (rows[0]?.length ?? 1) - 1)]
  const step = ratio(draw.pick([1, -1]), draw.pick([1, 5]))
  return rows.map((row, y) => row.map((value, x) => (y === down && x === across ? plus(value, step) : value)))
}

export const matrices: Family = {
  name: 'matrices',
  pairs: (draw) =>
    repeat(24, () => {
      const rows = drawRows(draw, draw.int(2, 3), draw.int(2, 4))
      return [
        same(matrix(draw, rows), matrix(draw, rows)),
        differs(matrix(draw, withOneChanged(draw, rows)), matrix(draw, rows)),
        ...(isSymmetric(rows) ? [] : [eitherWay(draw, differs(matrix(draw, transposed(rows)), matrix(draw, rows)))]),
        eitherWay(draw, differs(matrix(draw, rows.slice(1)), matrix(draw, rows))),
      ]
    }),
}

export const vectors: Family = {
  name: 'vectors',
  pairs: (draw) =>
    repeat(15, () => {
      const column = drawRows(draw, draw.int(2, 4), 1)
      const flat = column.map(([value]) => plain(value ?? ratio(0))).join(', ')
      const angled = draw.pick([`\\langle ${flat} \\rangle`, `\\left\\langle ${flat} \\right\\rangle`])
      return [
        same(matrix(draw, column), matrix(draw, column)),
        same(angled, `\\langle ${flat} \\rangle`),
        differs(matrix(draw, withOneChanged(draw, column)), matrix(draw, column)),
        differs(matrix(draw, [...column, [ratio(1)]]), matrix(draw, column)),
        differs(`\\langle ${flat}, 0 \\rangle`, angled),
      ]
    }),
}

export const matricesOfExpressions: Family = {
  name: 'matrices of roots and letters',
  pairs: (draw) =>
    repeat(12, () => {
      const [k, n] = [draw.int(2, 9), draw.pick([2, 3, 5, 7])]
      const write = (name: string, sign: string): string =>
        `\\begin{${name}} ${k}\\sqrt{${n}} & x + ${k} \\\\ -\\frac{1}{${k}} & ${sign}\\sin x \\end{${name}}`
      const other = `\\begin{bmatrix}\\sqrt{${k * k * n}}&${k}+x\\\\\\frac{-1}{${k}}&-\\sin(x)\\end{bmatrix}`
      return [
        same(write('pmatrix', '-'), other),
        differs(write('pmatrix', ''), other),
        differs(write('bmatrix', '-').replace(' x +', ' x -'), other),
      ]
    }),
}
