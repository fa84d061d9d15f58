// What the schema found wrong, in words: what was expected, what was found, and the key that was probably meant.
import { z } from 'zod'
import { unknownKey } from '../../nearest-name.js'
import type { KeyPath } from './source.js'

export interface Problem {
  path: KeyPath
  message: string
}

/** The problems of one issue with a value of the schema: an issue about unknown keys holds several. */
export function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(path, schema)
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: unknownKey(key, { known, where: path.join('.') }),
    }))
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((issues) => !issues.some(isOfAnotherType))
    if (meant) return meant.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, schema))
  }
  if (issue.code === 'custom') return [{ path, message: issue.message }]
  const name = path.length === 0 ? 'the recipe' : path.join('.')
  if (issue.input === undefined) return [{ path, message: `missing key ${name}, expected ${expected(issue)}` }]
  return [{ path, message: `expected ${expected(issue)} for ${name}, got ${show(issue.input)}` }]
}

/** Of a choice: this value is none of that kind at all. */
const isOfAnotherType = ({ code, path }: z.core.$ZodIssue): boolean => code === 'invalid_type' && path.length === 0

/** The keys of the section at a path. */
function knownKeys(path: KeyPath, whole: z.ZodType): string[] {
  let schema: z.core.JSONSchema.JSONSchema | undefined = z.toJSONSchema(whole, { io: 'input', unrepresentable: 'any' })
  for (const part of path) {
    const { properties, additionalProperties, items } = sectionOf(schema)
    const next: unknown = typeof part === 'number' ? items : (properties?.[part] ?? additionalProperties)
    schema = next as z.core.JSONSchema.JSONSchema | undefined
  }
  return Object.keys(sectionOf(schema).properties ?? {})
}

/** Of a choice, the one that has keys. */
function sectionOf(schema: z.core.JSONSchema.JSONSchema | undefined): z.core.JSONSchema.JSONSchema {
  const choices = (schema?.anyOf ?? []) as z.core.JSONSchema.JSONSchema[]
  return choices.find(({ properties }) => properties) ?? schema ?? {}
}

const typeNames: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a section with keys',
  record: 'a section with keys',
}

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`
    case 'invalid_union':
      return issue.errors.flatMap(([first]) => (first ? [expected(first)] : [])).join(' or ') || issue.message
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit(issue.origin)}`
    default:
      return issue.message
  }
}

function unit(origin: string): string {
  if (origin === 'array') return ' entries'
  return origin === 'string' ? ' letters' : ''
}

function show(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}
