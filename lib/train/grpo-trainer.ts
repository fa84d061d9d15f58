// GRPO with a context that lengthens: each step samples, scores and learns under the limit of its stage; the schedule says
// when the next stage begins.
import { type ProblemSource, shuffledRows } from '../data/problem-source.js'
import type { Row } from '../data/row.js'
import { answerRows, type ScoredAnswer } from '../eval/answer-rows.js'
import type { Objective } from '../grpo/objective.js'
import { copyModel, copyWeights } from '../models/copy.js'
import type { Decoder } from '../models/decoder.js'
import { scheduledRate } from '../optim/learning-rate.js'
import { RandomStream } from '../random.js'
import { RolloutEngine } from '../rollout/engine.js'
import type { ScheduleState, ScheduleStep, Stage } from '../schedule/context-schedule.js'
import type { StepMetrics } from './events.js'
import { RunDirectory, type SampleRecord } from './run-directory.js'
import { type EnteredStage, StageRows } from './stage-rows.js'
import { settingsOf } from './stage-settings.js'
import { stepMetrics } from './step-metrics.js'
import { type GrpoTrainerOptions, type TrainerSettings, trainerSettings } from './trainer-options.js'
import { update } from './update.js'

/** One step, and whether a stage ended with it. */
export interface TrainerStep extends StepMetrics {
  /** Why the stage is over, which stages are skipped, and where the next has few rows, for people; undefined while the stage goes on. */
  stageEnd: string | undefined
  /** Index of the stage that the next step belongs to; undefined when the run is over. */
  nextStage: number | undefined
}

export class GrpoTrainer {
  readonly #options: TrainerSettings
  readonly #rows: StageRows
  readonly #engine: RolloutEngine
  #directory: RunDirectory | undefined

  constructor(options: GrpoTrainerOptions) {
    this.#options = trainerSettings(options)
    const { data, model, tokenizer, schedule } = this.#options
    const source = 'rowsOf' in data ? data : shuffledRows(data, { seed: this.#options.seed })
    this.#rows = new StageRows(source, { ...this.#options, stages: schedule.stages })
    this.#engine = options.engine ?? new RolloutEngine(model, tokenizer)
  }

  /** Steps until the schedule ends. Between two of them the weights rest, and may be evaluated or saved. */
  async *run({ signal }: { signal?: AbortSignal | undefined } = {}): AsyncGenerator<TrainerStep> {
    const { out, optimizer } = this.#options
    await this.#rows.prepare()
    const rateBefore = optimizer.learningRate
    this.#directory = typeof out === 'string' ? await RunDirectory.create(out) : out
    try {
      yield* this.#steps(signal)
    } finally {
      optimizer.learningRate = rateBefore
      if (typeof out === 'string') await this.#directory?.close()
    }
  }

  async *#steps(signal: AbortSignal | undefined): AsyncGenerator<TrainerStep> {
    const { schedule, model } = this.#options
    using reference = hasReference(this.#options) ? copyModel(model) : undefined
    let state = schedule.initialState
    let stage = schedule.stageOf(state)
    let { source } = stage ? this.#rows.enter(stage) : {}
    for (let step = 0; stage !== undefined; step++) {
      if (state.stageSteps === 0) this.#reset(stage, reference)
      const rows = (source as ProblemSource).rowsOf(state.dataSteps, this.#options.promptsPerStep)
      const metrics = await this.#step(step, { state, stage, rows, reference, signal })
      const next = this.#passOver(schedule.next(state, metrics))
      source = next.entered?.source ?? source
      state = next.state
      stage = next.stage
      yield { ...metrics, stageEnd: next.why, nextStage: stage && state.stage }
    }
  }

  /** Enters the stage that follows one that is over; those that no row is left for are skipped, with what they would reset. */
  #passOver(step: ScheduleStep): ScheduleStep & { entered?: EnteredStage } {
    if (step.why === undefined || step.stage === undefined) return step
    const { schedule, promptsPerStep } = this.#options
    const entered = this.#rows.enter(step.stage)
    const { source, numRows = Number.POSITIVE_INFINITY, numLeftOut } = entered
    const leftOut = numLeftOut > 0 ? `, ${numLeftOut} left out as solved` : ''
    if (!source) {
      const skipped = schedule.skip(step.state, `no row is left for it${leftOut}`)
      return this.#passOver({ ...skipped, why: `${step.why}; ${skipped.why}` })
    }
    const few = `; stage ${step.state.stage + 1} has ${numRows} rows for ${promptsPerStep} prompts a step${leftOut}`
    return { ...step, entered, why: numRows < promptsPerStep ? `${step.why}${few}` : step.why }
  }

  /** What begins anew with a stage. */
  #reset(stage: Stage, reference: Decoder | undefined): void {
    const { model, optimizer } = this.#options
    if (stage.reset?.includes('optimizer')) optimizer.reset()
    if (reference && stage.reset?.includes('reference')) copyWeights(reference, model)
  }

  async #step(step: number, { state, stage, rows, reference, signal }: StepAbout): Promise<StepMetrics> {
    const options = { ...this.#options, ...settingsOf(stage, this.#options) }
    const { model, optimizer, seed } = options
    optimizer.learningRate = scheduledRate(state.rateSteps, options.learningRate, options.learningRateSchedule)
    const started = performance.now()
    const parts = { engine: this.#engine, tokenizer: options.tokenizer }
    const groups = await answerRows(parts, rows, {
      ...options,
      maxResponseTokens: stage.maxResponseTokens,
      seed: new RandomStream(seed, `rollout of step ${step}`).word(),
      signal,
    })
    this.#rows.note(groups)
    const sampled = performance.now()
    signal?.throwIfAborted()
    const learning = { ...options, objective: objectiveOf(options), signal }
    const updates = await update({ model, optimizer, reference }, groups, learning)
    const metrics = stepMetrics(groups, updates, {
      step: step + 1,
      stage: state.stage,
      maxResponseTokens: stage.maxResponseTokens,
      learningRate: optimizer.learningRate,
      rolloutSeconds: (sampled - started) / 1000,
      trainSeconds: (performance.now() - sampled) / 1000,
    })
    await this.#record(metrics, groups)
    return metrics
  }

  async #record(metrics: StepMetrics, groups: readonly (readonly ScoredAnswer[])[]): Promise<void> {
    const { numSampledPrompts } = this.#options
    await this.#directory?.writeSamples(
      groups.slice(0, numSampledPrompts).flatMap((group) => group.map((a) => record(a, metrics))),
    )
    await this.#directory?.writeStep(metrics)
  }
}

interface StepAbout {
  state: ScheduleState
  stage: Stage
  rows: readonly Row[]
  reference: Decoder | undefined
  signal: AbortSignal | undefined
}

function objectiveOf(options: Required<Objective>): Objective {
  const { temperature, clipLow, clipHigh, aggregation, klWeight, klEstimator, entropyWeight } = options
  return { temperature, clipLow, clipHigh, aggregation, klWeight, klEstimator, entropyWeight }
}

/** Whether any stage has a KL term. */
const hasReference = ({ klWeight, schedule }: Pick<TrainerSettings, 'klWeight' | 'schedule'>): boolean =>
  schedule.stages.some((stage) => (stage.klWeight ?? klWeight) > 0)

const record = ({ row, text, score, tokens, finishReason }: ScoredAnswer, { step }: StepMetrics): SampleRecord => ({
  step,
  id: row.id,
  prompt: row.problem,
  text,
  reward: score ?? null,
  numTokens: tokens.length,
  finishReason,
})
