// From the columns of a file to the fields of a row. Pure.
import type { DataSource } from './source.js'

/** The record with the mapped fields, or what it lacks. A field that is named as a column is, and mapped, hides that column. */
export function mapColumns(
  record: unknown,
  { columns = {}, answerAfter }: Pick<DataSource, 'columns' | 'answerAfter'>,
): { value: unknown } | { problem: string } {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return { value: record }
  const fields: [string, unknown][] = []
  for (const [field, column] of Object.entries(columns)) {
    const value = columnOf(record as Record<string, unknown>, column)
    if (value === undefined) return { problem: `expected a column ${JSON.stringify(column)}, got ${namesOf(record)}` }
    fields.push([field, value])
  }
  const value = Object.fromEntries([...Object.entries(record), ...fields])
  if (answerAfter === undefined) return { value }
  const answer = afterMarker(value.answer, answerAfter)
  return answer === undefined ? { problem: lacksMarker(value.answer, answerAfter) } : { value: { ...value, answer } }
}

const longestShown = 40

function namesOf(record: object): string {
  const names = Object.keys(record)
  return names.length === 0 ? 'none' : names.slice(0, longestShown).join(', ').slice(0, 400)
}

/** The column of this name, or what a path through nested columns leads to. */
function columnOf(record: Record<string, unknown>, column: string): unknown {
  if (Object.hasOwn(record, column)) return record[column]
  let value: unknown = record
  for (const part of column.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

function afterMarker(answer: unknown, marker: string): string | string[] | undefined {
  if (Array.isArray(answer)) {
    const each = answer.map((one) => afterMarker(one, marker))
    return each.every((one) => typeof one === 'string') ? (each as string[]) : undefined
  }
  if (typeof answer !== 'string') return undefined
  const at = answer.lastIndexOf(marker)
  const text = at < 0 ? '' : answer.slice(at + marker.length).trim()
  return text === '' ? undefined : text
}

function lacksMarker(answer: unknown, marker: string): string {
  const got = JSON.stringify(answer) ?? 'nothing'
  const end = got.length > 100 ? `…${got.slice(-100)}` : got
  return `answer: expected text behind ${JSON.stringify(marker)}, got ${end}`
}
