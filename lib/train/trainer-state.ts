// Where a run stands between two steps, beside its tensors: plain JSON, so that a checkpoint can hold it. Everything random is drawn
// from the run's seed and a step's number, so there is no generator whose state would have to be kept.
import type { SolvedState } from '../data/select/solved.js'
import type { ScheduleState } from '../schedule/context-schedule.js'
import type { EntropyWeightState } from './entropy-weight.js'
import type { StepMetrics } from './events.js'
import type { GuardState } from './guard/index.js'

/** One step, and what came of it. */
export interface TrainerStep extends StepMetrics {
  /** Why the stage is over, which stages are skipped, and where the next has few rows, for people; undefined while the stage goes on. */
  stageEnd?: string | undefined
  /** Index of the stage that the next step belongs to; undefined when the run is over. */
  nextStage?: number | undefined
  /** What else people should know: what began anew within the stage, and groups that the step did not get. */
  notes?: readonly string[] | undefined
  /** What the guard found; undefined where it has nothing new to tell. */
  guard?:
    | {
        /** warn: it is told, no more; rollback: the run went back, see wentBackTo. */
        action: 'warn' | 'rollback'
        /** For people, with the numbers. */
        text: string
      }
    | undefined
  /** Steps done in the checkpoint that the run went back to: this step is undone. */
  wentBackTo?: number | undefined
  /** It was told before, in an earlier life of the run: a stage ended with it, and the run was gone on with from there. */
  isToldAgain?: true | undefined
}

export interface TrainerState {
  /** Steps done. */
  step: number
  /** Of the optimizer, since it began or was begun anew. */
  numOptimizerSteps: number
  schedule: ScheduleState
  solved: SolvedState
  /** With adaptiveEntropy only. */
  entropy: EntropyWeightState | null
  /** With a guard only. */
  guard: GuardState | null
  /** The step that ended a stage, until whoever drives the trainer has dealt with it: it is told again after a resumption. */
  pending: TrainerStep | null
}

/** Whoever drives the trainer, and has a state of its own beside the trainer's. */
export interface Companion {
  /** Plain JSON. */
  state(): object
  /**
   * Called when the run goes back to an earlier moment.
   * @param state What state() gave then.
   */
  restore(state: unknown): void | Promise<void>
  /** How good the policy is now, higher is better; undefined where that is not known. */
  score?(): number | undefined
}
