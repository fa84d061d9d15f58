// From a row to the tokens that the model continues.
import { ArgumentError } from '../errors.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { Row } from './row.js'

/** One user turn made of the row's fields, rendered by the model's chat template up to where the assistant speaks. */
export async function promptTokens(
  row: Row,
  { turn, tokenizer }: { turn: string; tokenizer: Tokenizer },
): Promise<number[]> {
  const messages = [{ role: 'user', content: fillTurn(turn, row) }]
  return tokenizer.encode(await tokenizer.chatTemplate.render(messages, { addGenerationPrompt: true }))
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
