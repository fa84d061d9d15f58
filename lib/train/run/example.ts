// One held-out problem, before and after: a run's last word to people.
import type { Row } from '../../data/row.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import type { ExampleAnswer, RunEvent } from '../events.js'
import type { HeldOutPhases } from './held-out-phases.js'

/** A problem of middling length that the base got wrong, though it came to an end, and the trained model right. */
export function exampleOf(
  rows: readonly Row[],
  { answers: { base, latest } }: HeldOutPhases,
  tokenizer: Tokenizer,
): RunEvent | undefined {
  const candidates = rows.map((row, i) => ({ row, before: base[i]?.[0], after: latest[i]?.[0] }))
  const telling = candidates.filter(
    ({ before, after }) => before?.isFinished && before.reward !== 1 && after?.reward === 1,
  )
  telling.sort((a, b) => (a.before?.numTokens ?? 0) - (b.before?.numTokens ?? 0))
  const shown = telling[Math.floor(telling.length / 2)] ?? candidates[0]
  if (!shown?.before || !shown.after) return undefined
  const { row, before, after } = shown
  return {
    type: 'example',
    problem: row.problem.trim(),
    expected: [row.answer ?? ''].flat().join(' or '),
    before: shortened(before, tokenizer),
    after: shortened(after, tokenizer),
  }
}

/** Without the end token's text. */
function shortened(
  { text = '', reward, numTokens }: { text?: string; reward: number; numTokens: number },
  tokenizer: Tokenizer,
): ExampleAnswer {
  const ends = tokenizer.eosIds.map((id) => tokenizer.decode([id]))
  const end = ends.find((end) => text.endsWith(end)) ?? ''
  return { text: text.slice(0, text.length - end.length).trim(), reward, numTokens }
}
