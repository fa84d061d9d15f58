// From a record of a file to a problem: the fields that a problem must have, checked.
import { z } from 'zod'
import { FileFormatError } from '../errors.js'
import type { Row } from './row.js'

const inexact = 'expected text: a number this large is not held exactly'
const isInexact = (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value)
const textOrNumber = z.union([
  z.string(),
  z
    .number()
    .refine((value) => !isInexact(value))
    .transform(String),
])
const expecting = (expected: string) => ({
  error: ({ input }: { input?: unknown }) => ([input].flat().some(isInexact) ? inexact : expected),
})

const rowSchema = z.looseObject({
  id: z.union([textOrNumber], expecting('expected text or a number')).optional(),
  problem: z.string('expected text').min(1, 'expected text, got none'),
  answer: z
    .union([textOrNumber, z.array(textOrNumber).min(1)], expecting('expected text, a number or a list of them'))
    .optional(),
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
