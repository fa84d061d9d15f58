import {
  type LoadedRecipe,
  type PhaseReport,
  parseRecipe,
  type Recipe,
  type RunEvent,
  resumeRun,
  runRecipe,
  type SftEvent,
  type SftTrainer,
  type SftTrainerEvent,
} from '../../../lib/index.js'
import { some, typed } from './typed.js'

typed(runRecipe(some<LoadedRecipe>(), { out: 'runs/a' })).is<AsyncGenerator<RunEvent>>()
typed(resumeRun('runs/a')).is<AsyncGenerator<RunEvent>>()
// @ts-expect-error a run has a directory
runRecipe(some<LoadedRecipe>(), {})

// The type of an event tells its fields.
export function told(event: RunEvent): string | number {
  switch (event.type) {
    case 'start':
      typed(event.numParameters).is<number>()
      return event.recipe
    case 'step':
      // @ts-expect-error a step is no phase
      return event.phase
    case 'phase':
      typed(event.phase).is<PhaseReport>()
      return event.phase.passAt1
    case 'guard':
      typed(event.action).is<'warn' | 'rollback'>()
      return event.text
    case 'summary':
      return event.weightsSha256
    default:
      // @ts-expect-error only what the remaining types share may be read
      return event.loss
  }
}
// @ts-expect-error no event of this type
export const isEpoch = (event: RunEvent): boolean => event.type === 'epoch'

export function isBest(event: SftTrainerEvent): boolean {
  if (event.type === 'evaluation') return event.isBest
  // @ts-expect-error of evaluations alone
  return event.isBest
}
export const sftEvent = (event: SftTrainerEvent): SftEvent => event
typed(some<SftTrainer>().run()).is<AsyncGenerator<SftTrainerEvent>>()

// A recipe as it is read has every default filled in.
const recipe = parseRecipe('name: a', 'a.yaml')
typed(recipe).is<Recipe>()
typed(recipe.rollout.promptsPerStep).is<number>()
typed(recipe.rollout.temperature).is<number>()
typed(recipe.objective.clipLow).is<number>()
typed(recipe.model.path).is<string | undefined>()
typed(recipe.schedule.stages.map((stage) => stage.maxResponseTokens)).is<number[]>()
// @ts-expect-error no such section
void recipe.optimiser
