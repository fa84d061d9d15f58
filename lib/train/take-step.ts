// One step under its stage's settings: groups of answers, and the update that they teach.
import type { ProblemSource } from '../data/problem-source.js'
import type { ScoredAnswer } from '../eval/answer-rows.js'
import { scheduledRate } from '../optim/learning-rate.js'
import type { RolloutEngine } from '../rollout/engine.js'
import type { Stage } from '../schedule/context-schedule.js'
import { changed, type Rollback } from './checkpoint/rollback.js'
import { collectGroups } from './collect-groups.js'
import type { StepMetrics } from './events.js'
import { objectiveOf } from './objective.js'
import type { PolicyReference } from './policy-reference.js'
import type { RolloutJournal } from './rollout-journal.js'
import { settingsOf } from './stage-settings.js'
import { stepMetrics } from './step-metrics.js'
import type { TrainerSettings } from './trainer-options.js'
import type { TrainerState } from './trainer-state.js'
import { update } from './update.js'

export interface StepAbout {
  state: TrainerState
  stage: Stage
  source: ProblemSource
  engine: RolloutEngine
  reference: PolicyReference | undefined
  journal: RolloutJournal | undefined
  rollbacks: readonly Rollback[]
  signal: AbortSignal | undefined
}

export interface TakenStep {
  metrics: StepMetrics
  /** Everything sampled, groups that were not learned from too. */
  sampled: readonly (readonly ScoredAnswer[])[]
  /** Of the problems' source. */
  numBatches: number
}

/** Samples, scores and updates the model in place. */
export async function takeStep(run: TrainerSettings, about: StepAbout): Promise<TakenStep> {
  const { state, stage, source, engine, journal, reference, signal } = about
  const settings = changed({ ...run, ...settingsOf(stage, run) }, about.rollbacks)
  const { model, optimizer, tokenizer, seed: runSeed } = settings
  const { maxResponseTokens } = stage
  optimizer.learningRate = scheduledRate(state.schedule.rateSteps, settings.learningRate, settings.learningRateSchedule)
  const started = performance.now()
  const { groups, sampled, numBatches } = await collectGroups(
    { engine, tokenizer, source, journal },
    { ...settings, runSeed, step: state.step, dataSteps: state.schedule.dataSteps, maxResponseTokens, signal },
  )
  const seconds = (performance.now() - started) / 1000
  signal?.throwIfAborted()
  const learning = { ...settings, maxResponseTokens, objective: objectiveOf(settings), signal }
  const updates = await update({ model, optimizer, reference }, groups, learning)
  const metrics = stepMetrics(sampled, updates, {
    step: state.step + 1,
    stage: state.schedule.stage,
    maxResponseTokens,
    learningRate: optimizer.learningRate,
    rolloutSeconds: seconds,
    trainSeconds: (performance.now() - started) / 1000 - seconds,
  })
  return { metrics, sampled, numBatches }
}
