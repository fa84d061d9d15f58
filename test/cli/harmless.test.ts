import { expect, test } from 'vitest'
import { table } from '../../lib/cli/format.js'
import { harmless, harmlessLine, modelTextWriter } from '../../lib/cli/harmless.js'

const allControls = String.fromCharCode(...Array.from({ length: 0xa0 }, (_, code) => code))

test('every control character but newline and tab is shown as a letter', () => {
  expect(harmless('a\u001b]0;title\u0007\u001b[31mred\u009b0m\u007f\r\n\tb')).toBe('a␛]0;title␇␛[31mred�0m␡␍\n\tb')
  expect(harmless(allControls).match(/\p{Cc}/gu)).toEqual(['\t', '\n'])
})

test('the direction of writing is not turned round, and a line stays one line', () => {
  expect(harmless('a\u202eb\u2066c\u2069\u202a')).toBe('a\ufffdb\ufffdc\ufffd\ufffd')
  expect(harmlessLine('a\n\u001b\tb')).toBe('a␊␛␉b')
})

test('a table on a terminal commands nothing, and elsewhere has the bytes', () => {
  const rows = [['\u001b[2J\nset', '1']]
  expect(table(['name', 'n'], rows, { isTerminal: true })).toBe('name       n\n────────   ─\n␛[2J␊set   1')
  expect(table(['name', 'n'], rows, { isTerminal: false })).toContain('\u001b[2J\nset')
})

test('all other text stays as it is', () => {
  const text = 'x² ≤ 3 → 🦆 zażółć\u00a0\ufeff‍'
  expect(harmless(text)).toBe(text)
})

test('only a terminal gets it so: a pipe gets the bytes', () => {
  const written = [true, false].map((isTTY) => {
    const pieces: string[] = []
    modelTextWriter({ isTTY, write: (text) => pieces.push(text) })('\u001b[2J')
    return pieces
  })
  expect(written).toEqual([['␛[2J'], ['\u001b[2J']])
})
