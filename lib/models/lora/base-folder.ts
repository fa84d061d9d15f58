// A folder of adapters alone names the model beneath.
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FileFormatError } from '../../errors.js'
import { parseJson } from '../../io/json.js'
import { readTextFileIfPresent } from '../../io/read-file.js'

/** Whether it holds adapters and no model. */
export const isAdapterFolder = async (folder: string): Promise<boolean> =>
  (await exists(join(folder, configFile))) && !(await exists(join(folder, 'config.json')))

/** The folder of the base model of a folder of adapters; undefined for a folder that holds a model. */
export async function baseFolderOf(folder: string): Promise<string | undefined> {
  if (!(await isAdapterFolder(folder))) return undefined
  const file = join(folder, configFile)
  const json = parseJson((await readTextFileIfPresent(file)) ?? '', { file })
  const name = (json as { base_model_name_or_path?: unknown } | null)?.base_model_name_or_path
  if (typeof name === 'string' && (await exists(join(name, 'config.json')))) return resolve(name)
  throw new FileFormatError(
    { file, place: 'base_model_name_or_path' },
    `expected the folder of the base model, got ${JSON.stringify(name ?? null)}: load the base, then put these adapters on it`,
  )
}

const configFile = 'adapter_config.json'

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
