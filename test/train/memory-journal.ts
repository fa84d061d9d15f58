// A rollout journal in memory, and what an earlier life of the run that ended somewhere within the step would have left of it.
import type { Verdict } from '../../lib/reward/verdict.js'
import type { Answer } from '../../lib/rollout/engine.js'
import type { RolloutJournal } from '../../lib/train/rollout-journal.js'

type Note =
  | { round: number; index: number; answers: readonly Answer[] }
  | { round: number; verdicts: readonly Verdict[] }

export class MemoryJournal implements RolloutJournal {
  /** In the order in which they came, those of an earlier life first. */
  readonly notes: Note[]
  readonly numOld: number
  /** Set while noteVerdicts has not resolved. */
  isWriting = false

  constructor(notes: readonly Note[] = []) {
    this.notes = [...notes]
    this.numOld = notes.length
  }

  get fresh(): Note[] {
    return this.notes.slice(this.numOld)
  }

  answers(round: number, index: number): readonly Answer[] | undefined {
    const note = this.notes.slice(0, this.numOld).find((n) => 'answers' in n && n.round === round && n.index === index)
    return note && 'answers' in note ? note.answers : undefined
  }

  noteAnswers(round: number, index: number, answers: readonly Answer[]): void {
    this.notes.push({ round, index, answers })
  }

  verdicts(round: number): readonly Verdict[] | undefined {
    const note = this.notes.slice(0, this.numOld).find((n) => 'verdicts' in n && n.round === round)
    return note && 'verdicts' in note ? note.verdicts : undefined
  }

  async noteVerdicts(round: number, verdicts: readonly Verdict[]): Promise<void> {
    this.isWriting = true
    await new Promise((resolve) => setTimeout(resolve, 1))
    this.notes.push({ round, verdicts: structuredClone(verdicts) as Verdict[] })
    this.isWriting = false
  }
}
