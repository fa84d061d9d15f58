// A guard's options, held to the rules of a recipe's guard section.
import { ArgumentError } from '../../errors.js'
import { guardSection } from '../recipe/guard.js'
import { problemsOf } from '../recipe/problems.js'
import type { GuardOptions } from './options.js'

/** With every default filled in. Throws one ArgumentError that tells of every option that is wrong. */
export function guardSettings(options: Partial<GuardOptions>): GuardOptions {
  const { data, error } = guardSection.safeParse(options, { reportInput: true })
  if (data) return data
  const problems = error.issues.flatMap((issue) => problemsOf(issue, guardSection)).map(({ message }) => message)
  throw new ArgumentError(`[guard] ${problems.join('; ')}`)
}
