// The published runs that there are, found by their sizes: a recipe that was changed is no longer the run that was published.
import { type ModelShape, numParameters } from '../../model-shape.js'
import type { StagePlan } from '../plan.js'
import { deepscaler } from './deepscaler.js'
import type { PublishedRun } from './published-run.js'

const runs: readonly PublishedRun[] = [deepscaler]

/** The published run of this model and these stages, if there is one. */
export function publishedRunOf(shape: ModelShape, stages: readonly StagePlan[]): PublishedRun | undefined {
  return runs.find((run) => run.numParameters === numParameters(shape) && hasStages(run, stages))
}

function hasStages(run: PublishedRun, stages: readonly StagePlan[]): boolean {
  if (run.stages.length !== stages.length) return false
  return run.stages.every(({ limit, numPrompts, numAnswers, steps }, i) => {
    const stage = stages[i] as StagePlan
    const isSame = stage.maxResponseTokens === limit && stage.maxSteps === steps
    return isSame && stage.promptsPerStep === numPrompts && stage.numAnswers === numAnswers
  })
}
