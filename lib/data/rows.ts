// Data sets as JSON Lines: a problem a line.
import { z } from 'zod'
import { FileFormatError } from '../errors.js'
import { readJsonl } from '../io/jsonl.js'
import type { Row } from './row.js'

const textOrNumber = z.union([z.string(), z.number().transform(String)], 'expected text or a number')

const rowSchema = z.looseObject({
  id: textOrNumber.optional(),
  problem: z.string('expected text').min(1, 'expected text, got none'),
  answer: z.union([textOrNumber, z.array(textOrNumber).min(1)], 'expected text, a number or a list of them').optional(),
})

/** A row and its line in the file, counted from 1. */
export interface NumberedRow {
  row: Row
  line: number
}

/** Every row of a file. A row without an id is known by its line. */
export async function readRows(path: string): Promise<Row[]> {
  return (await readNumberedRows(path)).map(({ row }) => row)
}

export async function readNumberedRows(path: string): Promise<NumberedRow[]> {
  const rows = new Map<string, NumberedRow>()
  for await (const { line, value } of readJsonl(path)) {
    const row = parseRow(value, { file: path, place: `line ${line}` })
    if (rows.has(row.id))
      throw new FileFormatError({ file: path, place: `line ${line}` }, `id "${row.id.slice(0, 100)}" is there twice`)
    rows.set(row.id, { row, line })
  }
  if (rows.size === 0) throw new FileFormatError({ file: path }, 'expected at least one row')
  return [...rows.values()]
}

/** Where in its file a row is: its line, and its name where it has one. */
export const placeOf = ({ row, line }: NumberedRow): string =>
  row.id === `line ${line}` ? row.id : `line ${line}, row ${JSON.stringify(row.id)}`

function parseRow(value: unknown, at: { file: string; place: string }): Row {
  const result = rowSchema.safeParse(value)
  if (result.success) return { ...result.data, id: result.data.id ?? at.place }
  const issue = result.error.issues[0]
  const field = issue?.path.length ? `${issue.path.join('.')}: ` : ''
  throw new FileFormatError(at, `${field}${issue?.message ?? 'unexpected content'}`)
}
