// Whether a run has come to its end, as its last checkpoint says.
import { contextSchedule } from '../../schedule/context-schedule.js'
import type { LoadedCheckpoint } from '../checkpoint/content.js'
import type { KeptState } from '../checkpoint/run-keeper.js'
import type { Recipe } from '../recipe/recipe.js'
import type { TrainerState } from '../trainer-state.js'

/** No step and no evaluation is left; the end of the last stage is not the run's before whoever drives it has dealt with that. */
export function isOver({ schedule: { stages, maxSteps } }: Recipe, { state }: LoadedCheckpoint): boolean {
  const { schedule, pending } = (state as KeptState<TrainerState>).trainer
  return pending === null && contextSchedule(stages, { maxSteps }).stageOf(schedule) === undefined
}
