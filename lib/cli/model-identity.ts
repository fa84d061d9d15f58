// What tells one model folder from another, wherever it lies.
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fingerprint } from '../data/fingerprint.js'

/** The folder's name, without where it is. */
export const modelName = (folder: string): string => basename(resolve(folder))

/** With the hash of everything that a model's answers follow from: weights, configuration, tokenizer, template. */
export async function modelIdentity(folder: string): Promise<{ name: string; sha256: string }> {
  const names = (await readdir(folder)).filter((name) => /\.(safetensors|json|jinja|txt|model)$/.test(name)).sort()
  const sha256 = await fingerprint(names.map((name) => ({ name, path: join(folder, name) })))
  return { name: modelName(folder), sha256 }
}
