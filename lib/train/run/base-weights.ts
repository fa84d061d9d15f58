// The weights that a run began with: checkpoints of adapters hold nothing of them, so that a resumed run has to find the same.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprint } from '../../data/fingerprint.js'
import { FileFormatError } from '../../errors.js'
import { parseJson } from '../../io/json.js'
import { readTextFile } from '../../io/read-file.js'

/** Of a recipe, of either kind. */
interface OnModel {
  model: { path?: string | undefined }
}

/** One hash of all safetensors of model.path; null for a model made from nothing. */
export async function baseWeightsSha256({ model: { path } }: OnModel): Promise<string | null> {
  if (path === undefined) return null
  const names = (await readdir(path)).filter((name) => name.endsWith('.safetensors')).sort()
  return fingerprint(names.map((name) => ({ name, path: join(path, name) })))
}

/** Throws where model.path does not hold what the run began with. */
export async function requireSameBase(recipe: OnModel, run: string): Promise<void> {
  const file = join(run, 'versions.json')
  const { baseWeightsSha256: before } = parseJson(await readTextFile(file), { file }) as { baseWeightsSha256?: unknown }
  const now = await baseWeightsSha256(recipe)
  if (before === now) return
  const place = 'baseWeightsSha256'
  throw new FileFormatError(
    { file, place },
    `expected ${before}, the weights that the run began with, got ${now} in ${recipe.model.path}`,
  )
}
