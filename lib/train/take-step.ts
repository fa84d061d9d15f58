// One step under its stage's settings: groups of answers, and the update that they teach.
import type { ProblemSource } from '../data/problem-source.js'
import { LossError } from '../grpo/objective.js'
import { scheduledRate } from '../optim/learning-rate.js'
import type { RolloutEngine } from '../rollout/engine.js'
import type { Stage } from '../schedule/context-schedule.js'
import { changed, type Rollback } from './checkpoint/rollback.js'
import { type Collected, collectGroups } from './collect-groups.js'
import { appliedEntropyWeight } from './entropy-weight.js'
import type { StepMetrics } from './events.js'
import { objectiveOf } from './objective.js'
import type { PolicyReference } from './policy-reference.js'
import type { RolloutJournal } from './rollout-journal.js'
import { settingsOf } from './stage-settings.js'
import { stepMetrics } from './step-metrics.js'
import type { TrainerSettings } from './trainer-options.js'
import type { TrainerState } from './trainer-state.js'
import { type UpdateResult, update } from './update.js'

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
  collected: Collected
  /** The loss or the gradient was no number: the metrics have NaN for both, and the weights may have been updated in part. */
  failure: LossError | undefined
}

/** Samples, scores and updates the model in place. */
export async function takeStep(run: TrainerSettings, about: StepAbout): Promise<TakenStep> {
  const { state, stage, signal } = about
  const settings = stepSettings(run, about)
  const { optimizer, entropyWeight, klWeight } = settings
  optimizer.learningRate = scheduledRate(state.schedule.rateSteps, settings.learningRate, settings.learningRateSchedule)
  const started = performance.now()
  const collected = await collect(settings, about)
  const rolloutSeconds = (performance.now() - started) / 1000
  signal?.throwIfAborted()
  const { updates, failure } = await learn(settings, about, collected)
  const metrics = stepMetrics(updates, {
    ...{ collected, entropyWeight, klWeight, rolloutSeconds },
    step: state.step + 1,
    stage: state.schedule.stage,
    maxResponseTokens: stage.maxResponseTokens,
    learningRate: optimizer.learningRate,
    trainSeconds: (performance.now() - started) / 1000 - rolloutSeconds,
  })
  const nothing = failure ? { loss: Number.NaN, gradientNorm: Number.NaN } : {}
  return { metrics: { ...metrics, ...nothing }, collected, failure }
}

/** The groups of the step of a state, without learning from them. */
export function collect(
  settings: TrainerSettings,
  { state, stage, source, engine, journal, signal }: Omit<StepAbout, 'reference' | 'rollbacks'>,
): Promise<Collected> {
  const { tokenizer, seed: runSeed } = settings
  const { maxResponseTokens } = stage
  const place = { runSeed, step: state.step, dataSteps: state.schedule.dataSteps, maxResponseTokens, signal }
  return collectGroups({ engine, tokenizer, source, journal }, { ...settings, ...place })
}

/** The run's settings, with the stage's over them, and what has changed since it began. */
export function stepSettings(
  run: TrainerSettings,
  { state, stage, rollbacks }: Pick<StepAbout, 'state' | 'stage' | 'rollbacks'>,
): TrainerSettings {
  const settings = changed({ ...run, ...settingsOf(stage, run) }, rollbacks)
  return state.entropy ? { ...settings, entropyWeight: appliedEntropyWeight(state.entropy) } : settings
}

async function learn(
  settings: TrainerSettings,
  { stage, reference, signal }: StepAbout,
  { groups }: Collected,
): Promise<{ updates: UpdateResult; failure?: LossError }> {
  const { model, optimizer } = settings
  const { maxResponseTokens } = stage
  const learning = { ...settings, maxResponseTokens, objective: objectiveOf(settings), signal }
  try {
    return { updates: await update({ model, optimizer, reference }, groups, learning) }
  } catch (error) {
    if (error instanceof LossError) return { updates: { stats: [], gradientNorms: [] }, failure: error }
    throw error
  }
}
