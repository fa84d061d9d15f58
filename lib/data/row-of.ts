// From a record of a file to a problem: the fields that a problem must have, checked.
import { z } from 'zod'
import { FileFormatError } from '../errors.js'
import type { Row } from './row.js'

const inexact = 'expected text: a number this large is not held exactly'
const exactNumber = z
  .number()
  .refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), inexact)
  .transform(String)
const textOrNumber = z.union([z.string(), exactNumber], {
  error: ({ input }) => (Number.isInteger(input) ? inexact : 'expected text or a number'),
})

const rowSchema = z.looseObject({
  id: textOrNumber.optional(),
  problem: z.string('expected text').min(1, 'expected text, got none'),
  answer: z.union([textOrNumber, z.array(textOrNumber).min(1)], 'expected text, a number or a list of them').optional(),
})

/** The row, known by `name` where it has no id; what is wrong where it is none. */
export function rowOf(
  value: unknown,
  { name, ...at }: { file: string; place: string; name: string },
): Row | FileFormatError {
  const result = rowSchema.safeParse(value)
  if (result.success) return { ...result.data, id: result.data.id ?? name }
  const issue = result.error.issues[0]
  const field = issue?.path.length ? `${issue.path.join('.')}: ` : ''
  return new FileFormatError(at, `${field}${issue?.message ?? 'unexpected content'}`)
}
