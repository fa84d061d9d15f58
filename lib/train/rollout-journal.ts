// What a step that is under way remembers, so that a run killed in the middle of it goes on without sampling or asking again.
// Answers would come out the same; a reward may answer differently the second time.
import type { Verdict } from '../reward/verdict.js'
import type { Answer } from '../rollout/engine.js'

/** Of one step. Sampling rounds and the prompts of a round are counted from 0. */
export interface RolloutJournal {
  /** The answers to prompt `index` of a round as an earlier life of the run finished them; undefined: they are to be sampled. */
  answers(round: number, index: number): readonly Answer[] | undefined
  /** As each group is finished, in prompt order; not called with what `answers` gave. */
  noteAnswers(round: number, index: number, answers: readonly Answer[]): void
  /** Of all answers of a round in prompt order, those cut at the limit among them; undefined: the reward is to be asked. */
  verdicts(round: number): readonly Verdict[] | undefined
  /** Durable when it resolves, which is awaited before a verdict is used. */
  noteVerdicts(round: number, verdicts: readonly Verdict[]): Promise<void>
}
