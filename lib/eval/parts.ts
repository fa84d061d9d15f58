// An engine and its tokenizer, as evaluations take them.
import { requireFunctions, requireObjects } from '../arguments.js'

/** Throws where one of them is missing, or is something else. */
export function requireParts(place: string, parts: { engine: unknown; tokenizer: unknown }): void {
  requireObjects(place, { parts })
  const { engine, tokenizer } = parts
  requireObjects(place, { engine, tokenizer })
  requireFunctions(place, {
    'engine.generate': (engine as { generate: unknown }).generate,
    'tokenizer.encode': (tokenizer as { encode: unknown }).encode,
  })
}
