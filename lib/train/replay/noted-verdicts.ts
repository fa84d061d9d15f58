// What was decided about the samples of earlier steps, from the list of them: steps that are done again on the way to a sample take it
// from there. A reward may answer differently the second time, or be slow, or cost money.
import type { Verdict } from '../../reward/verdict.js'
import type { RolloutJournal } from '../rollout-journal.js'
import type { SampleRecord } from '../run/sample-record.js'
import { samplesOf } from './samples.js'

/** By step, those after the one and before the other. Their answers are sampled again. */
export async function notedVerdicts(
  run: string,
  { after, before }: { after: number; before: number },
): Promise<ReadonlyMap<number, RolloutJournal>> {
  const rounds = new Map<number, Verdict[][]>()
  for await (const record of samplesOf(run)) {
    if (record.step <= after || record.step >= before) continue
    const ofStep = rounds.get(record.step) ?? []
    rounds.set(record.step, ofStep)
    ofStep[record.round] ??= []
    ofStep[record.round]?.push(verdictIn(record))
  }
  return new Map([...rounds].map(([step, verdicts]) => [step, journalOf(verdicts)]))
}

const verdictIn = ({ reward, outcome, parts }: SampleRecord): Verdict => ({
  score: reward,
  ...(outcome !== undefined && { outcome }),
  ...(parts && { parts }),
})

const journalOf = (rounds: readonly (readonly Verdict[])[]): RolloutJournal => ({
  answers: () => undefined,
  noteAnswers: () => {},
  verdicts: (round) => rounds[round],
  noteVerdicts: async () => {},
})
