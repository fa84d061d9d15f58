// Numbers as people read them.
import { harmlessLine } from './harmless.js'

/** A share as a percentage with one digit: 0.4567 → "45.7%". */
export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`

/** A pass@1 with its standard error, in points: "45.7 ± 1.2". */
export const withError = (share: number, standardError: number): string =>
  `${(100 * share).toFixed(1)} ± ${(100 * standardError).toFixed(1)}`

/** 1234567 → "1.23M". */
export function count(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(2)}B`
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)}M`
  if (n >= 1e4) return `${(n / 1e3).toFixed(1)}K`
  return `${Math.round(n)}`
}

/** plural(1, 'problem') → "1 problem", plural(2, 'problem') → "2 problems". */
export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** 1610612736 → "1.5 GiB". */
export function bytes(n: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, n)) / 10))
  return `${power === 0 ? n : (n / 1024 ** power).toFixed(1)} ${units[power]}`
}

/** 75 → "1:15", 3725 → "1:02:05". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const twoDigits = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${twoDigits(whole % 60)}` : `${minutes}:${twoDigits(whole % 60)}`
}

/** Rows as aligned columns; the first is flush left, the others flush right. On a terminal no cell can command it. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { isTerminal = process.stdout.isTTY === true } = {},
): string {
  if (isTerminal)
    return table(
      header.map(harmlessLine),
      rows.map((row) => row.map(harmlessLine)),
      { isTerminal: false },
    )
  const all = [header, ...rows]
  const widths = header.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)))
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('   ')
  return [line(header), widths.map((w) => '─'.repeat(w)).join('   '), ...rows.map(line)].join('\n')
}
