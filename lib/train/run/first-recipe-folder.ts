// Where the recipe lay that a run began with: code that it names lies there, and the recipe in the run's directory is a copy.
import { join } from 'node:path'
import { FileFormatError } from '../../errors.js'
import { parseJson } from '../../io/json.js'
import { readTextFile } from '../../io/read-file.js'

export async function firstRecipeFolder(run: string): Promise<string> {
  const file = join(run, 'versions.json')
  const { recipeFolder } = parseJson(await readTextFile(file), { file }) as { recipeFolder?: unknown }
  if (typeof recipeFolder === 'string') return recipeFolder
  throw new FileFormatError({ file, place: 'recipeFolder' }, `expected a path, got ${recipeFolder}`)
}
