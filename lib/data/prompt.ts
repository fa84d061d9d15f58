// From a row to the tokens that the model continues.

import { requireArrays, requireNumbers, requireObjects, requireStrings } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { Row } from './row.js'

/**
 * One user turn made of the row's fields (`{problem}` in `turn` becomes the field of that name), rendered by the model's chat
 * template up to where the assistant speaks, as ids.
 *
 * @throws {@link ArgumentError} where a field that `turn` names is neither text nor number
 * @throws {@link TokenizerError} where there is no chat template, or it fails
 */
export async function promptTokens(row: Row, options: { turn: string; tokenizer: Tokenizer }): Promise<number[]> {
  requireObjects('prompt', { row, options })
  const { turn, tokenizer } = options
  requireStrings('prompt', { turn })
  requireObjects('prompt', { tokenizer })
  const messages = [{ role: 'user', content: fillTurn(turn, row) }]
  return tokenizer.encode(await tokenizer.chatTemplate.render(messages, { addGenerationPrompt: true }))
}

/**
 * The prompts of all rows, in order: see {@link promptTokens}. `limit` is what sets maxTokens, for the message.
 *
 * @throws {@link ArgumentError} for a prompt longer than maxTokens, by its row
 */
export async function promptsOf(
  rows: readonly Row[],
  options: { turn: string; tokenizer: Tokenizer; maxTokens: number; limit?: string },
): Promise<number[][]> {
  requireArrays('prompt', { rows })
  requireObjects('prompt', { options })
  const { turn, tokenizer, maxTokens, limit = 'maxPromptTokens' } = options
  requireNumbers('prompt', { maxTokens })
  const prompts = await Promise.all(rows.map((row) => promptTokens(row, { turn, tokenizer })))
  const index = prompts.findIndex((prompt) => prompt.length > maxTokens)
  if (index < 0) return prompts
  const got = `${prompts[index]?.length} for row ${JSON.stringify(rows[index]?.id)}`
  throw new ArgumentError(`[prompt] expected prompts of at most ${limit} = ${maxTokens} tokens, got ${got}`)
}

/** `{problem}` becomes the row's field of that name; other braces, as in `\boxed{}`, stay. */
export function fillTurn(turn: string, row: Row): string {
  return turn.replaceAll(/\{([A-Za-z_]\w*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(row, name) ? row[name] : undefined
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    const expected = `expected text or a number in the field "${name}" of row "${row.id}"`
    throw new ArgumentError(`[prompt] ${expected}, got ${JSON.stringify(value) ?? 'nothing'}`)
  })
}
