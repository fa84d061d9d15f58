// A recipe's text held to a schema, whatever the recipe is for.
import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { checkOptions, type OptionKeys, requireStrings } from '../../arguments.js'
import { messageOf, placeText, RecipeError } from '../../errors.js'
import { problemsOf } from './problems.js'
import { RecipeSource } from './source.js'

/** How a recipe is read. */
export interface RecipeOptions {
  /** `key=value`, as given to `--set`, the value in YAML: set over what the text says, later ones over earlier ones. */
  set?: readonly string[]
  /** For a plan: the files and folders that it names may be missing. False where left out. */
  mayLackFiles?: boolean
  /** @internal Where the text is, of a recipe that stands for the file named: messages and paths go by that one. */
  readFrom?: string
}

export async function readSource(file: string, options: RecipeOptions): Promise<RecipeSource> {
  const text = await readFile(options.readFrom ?? file, 'utf8').catch((cause: unknown) => {
    throw new RecipeError({ file, key: '' }, `cannot be read: ${messageOf(cause)}`, { cause })
  })
  return sourceOf(text, file, options)
}

export function sourceOf(text: string, file: string, { set = [] }: RecipeOptions): RecipeSource {
  const source = new RecipeSource(text, file)
  for (const setting of set) source.set(setting)
  return source
}

/** Throws one RecipeError that tells of every problem, a line each, and stands at the first. */
export function check<Schema extends z.ZodType>(source: RecipeSource, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(source.value(), { reportInput: true })
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, schema))
  const placed = problems.map(({ path, message }) => ({ place: source.placeOf(path), message }))
  placed.sort((a, b) => (a.place.line ?? Number.MAX_VALUE) - (b.place.line ?? Number.MAX_VALUE))
  const [first, ...others] = placed as [(typeof placed)[number], ...typeof placed]
  throw new RecipeError(
    first.place,
    [first.message, ...others.map((o) => `${placeText(o.place)}: ${o.message}`)].join('\n'),
  )
}

const optionKeys: OptionKeys<RecipeOptions> = { set: true, mayLackFiles: true, readFrom: true }

/** Throws for what is no file's name, and for an option of another name. */
export function requireRecipe(texts: Readonly<Record<string, unknown>>, options: RecipeOptions): void {
  requireStrings('recipe', texts)
  checkOptions('recipe', options, optionKeys)
}
