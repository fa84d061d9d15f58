// Every problem of a data set must fit into the model together with its answer: found before the first one is answered.
import { promptsOf } from '../data/prompt.js'
import { type NumberedRow, placeOf } from '../data/rows.js'
import { FileFormatError } from '../errors.js'
import { UsageError } from './failure.js'
import type { OpenModel } from './open-model.js'

const rowsAtOnce = 1000

interface Asked {
  turn: string
  maxResponseTokens: number
  /** The limit that the user gave, if any. */
  maxTokens: number | undefined
  signal: AbortSignal
}

export async function requireFit(
  { file, rows }: { file: string; rows: readonly NumberedRow[] },
  { model, tokenizer }: OpenModel,
  { turn, maxResponseTokens, maxTokens, signal }: Asked,
): Promise<void> {
  const { maxPositions } = model.config
  const most = maxPositions - maxResponseTokens
  for (let i = 0; i < rows.length; i += rowsAtOnce) {
    const some = rows.slice(i, i + rowsAtOnce)
    const bare = some.map(({ row }) => row)
    const prompts = await promptsOf(bare, { turn, tokenizer, maxTokens: Number.POSITIVE_INFINITY })
    signal.throwIfAborted()
    const index = prompts.findIndex((prompt) => prompt.length > most)
    if (index < 0) continue
    const numTokens = prompts[index]?.length as number
    const place = placeOf(some[index] as NumberedRow)
    const setBy = maxTokens === undefined ? '' : '--max-tokens '
    const message =
      `expected a prompt of at most ${most} tokens, got ${numTokens}: the model has ${maxPositions} positions, of which ` +
      `${setBy}${maxResponseTokens} are for the answer`
    const wouldFit = maxTokens !== undefined && numTokens < maxPositions // with a shorter answer
    throw wouldFit ? new UsageError(`${file}, ${place}: ${message}`) : new FileFormatError({ file, place }, message)
  }
}
