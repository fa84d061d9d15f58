// The model folder that a command was given.
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../errors.js'
import type { Decoder } from '../models/decoder.js'
import { loadModel } from '../models/load.js'
import { isAdapterFolder } from '../models/lora/base-folder.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import { UsageError } from './failure.js'

export interface OpenModel extends Disposable {
  model: Decoder
  tokenizer: Tokenizer
}

export async function openModel(folder: string): Promise<OpenModel> {
  if (!(await isAdapterFolder(folder))) await requireReadable(join(folder, 'config.json'), folder)
  const { model, tokenizer } = await loadModel(folder)
  return { model, tokenizer, [Symbol.dispose]: () => model.dispose() }
}

/** A path that is no file to read is wrong usage; the message begins with what the user typed. */
export async function requireReadable(file: string, typed = file): Promise<void> {
  try {
    await access(file)
  } catch (error) {
    throw new UsageError(`${typed}: cannot be read: ${messageOf(error)}`)
  }
  if ((await stat(file)).isDirectory()) throw new UsageError(`${file}: expected a file, got a folder`)
}

/** The longest answer asked for must leave positions for a prompt. */
export function requirePositions(maxTokens: number | undefined, { config }: Decoder): void {
  if (maxTokens === undefined || maxTokens < config.maxPositions) return
  throw new UsageError(
    `--max-tokens ${maxTokens}: expected fewer than the model's ${config.maxPositions} positions, which hold the prompt too`,
  )
}
