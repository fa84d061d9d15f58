// GRPO with a context that lengthens: each step samples, scores and learns under the limit of its stage; the schedule says
// when the next stage begins.
import { type ProblemSource, shuffledRows } from '../data/problem-source.js'
import type { Row } from '../data/row.js'
import { ArgumentError } from '../errors.js'
import { answerRows, type ScoredAnswer } from '../eval/answer-rows.js'
import type { Objective } from '../grpo/objective.js'
import { copyModel, copyWeights } from '../models/copy.js'
import type { Decoder } from '../models/decoder.js'
import type { AdamW } from '../optim/adamw.js'
import { type LearningRateSchedule, rateProblem, scheduledRate } from '../optim/learning-rate.js'
import { RandomStream } from '../random.js'
import type { Reward } from '../reward/reward.js'
import { RolloutEngine } from '../rollout/engine.js'
import type { ContextSchedule, ScheduleState, Stage } from '../schedule/context-schedule.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { StepMetrics } from './events.js'
import { RunDirectory, type SampleRecord } from './run-directory.js'
import { settingsOf } from './stage-settings.js'
import { stepMetrics } from './step-metrics.js'
import { update } from './update.js'

export interface GrpoTrainerOptions {
  model: Decoder
  tokenizer: Tokenizer
  /** Rows, seen in an order drawn from the seed, or a source of one's own. */
  data: readonly Row[] | ProblemSource
  reward: Reward
  schedule: ContextSchedule
  optimizer: AdamW
  /** Where metrics and samples are written: a path for a new directory, or one made before. Nowhere when left out. */
  out?: RunDirectory | string
  seed?: number
  /** The user's turn, made of a row's fields. */
  turn?: string
  promptsPerStep: number
  numAnswers?: number
  temperature?: number
  /** Default: what the optimizer has when the trainer is made. */
  learningRate?: number
  /** Counted in steps of the run, or from the stage that begins the rate anew. */
  learningRateSchedule?: LearningRateSchedule | undefined
  topK?: number
  topP?: number
  maxPromptTokens?: number
  clipLow?: number
  clipHigh?: number
  aggregation?: 'token' | 'sequence'
  normalize?: 'std' | 'none'
  maxGradNorm?: number
  /** Of the KL term to the weights that the run began with, or the last stage that resets the reference. */
  klWeight?: number
  klEstimator?: 'k1' | 'k2' | 'k3'
  entropyWeight?: number
  miniBatches?: number
  /** Over a step's answers. */
  passes?: number
  tokensPerMicroBatch?: number
  /** Recomputes the layers in backward: less memory, more time, the same bits. */
  useRecompute?: boolean
  rewardDeadlineMs?: number
  maxMissingShare?: number
  /** Keys and values of sampling; made when left out. */
  engine?: RolloutEngine
  /** Prompts a step whose answers are kept in samples.jsonl. */
  numSampledPrompts?: number
}

/** One step, and whether a stage ended with it. */
export interface TrainerStep extends StepMetrics {
  /** Why the stage is over, for people; undefined while it goes on. */
  stageEnd: string | undefined
}

type Optional = 'out' | 'engine' | 'learningRateSchedule'

const defaults: Omit<Required<GrpoTrainerOptions>, Optional | RequiredKey> = {
  seed: 1,
  turn: '{problem}',
  numAnswers: 8,
  temperature: 1,
  topK: 0,
  topP: 1,
  maxPromptTokens: 1024,
  clipLow: 0.2,
  clipHigh: 0.2,
  aggregation: 'token',
  normalize: 'std',
  maxGradNorm: 1,
  klWeight: 0,
  klEstimator: 'k3',
  entropyWeight: 0,
  miniBatches: 1,
  passes: 1,
  tokensPerMicroBatch: 32_768,
  useRecompute: false,
  rewardDeadlineMs: 10_000,
  maxMissingShare: 0.05,
  numSampledPrompts: 1,
}
type RequiredKey =
  | 'learningRate'
  | 'model'
  | 'tokenizer'
  | 'data'
  | 'reward'
  | 'schedule'
  | 'optimizer'
  | 'promptsPerStep'

export class GrpoTrainer {
  readonly #options: Required<Omit<GrpoTrainerOptions, Optional>> & Pick<GrpoTrainerOptions, Optional>
  readonly #source: ProblemSource
  readonly #engine: RolloutEngine
  #directory: RunDirectory | undefined

  constructor(options: GrpoTrainerOptions) {
    requireOptions(options)
    this.#options = { ...defaults, learningRate: options.optimizer.learningRate, ...options }
    const { data, model, tokenizer } = options
    this.#source = 'rowsOf' in data ? data : shuffledRows(data, this.#options)
    this.#engine = options.engine ?? new RolloutEngine(model, tokenizer)
  }

  /** Steps until the schedule ends. Between two of them the weights rest, and may be evaluated or saved. */
  async *run({ signal }: { signal?: AbortSignal | undefined } = {}): AsyncGenerator<TrainerStep> {
    const { out } = this.#options
    this.#directory = typeof out === 'string' ? await RunDirectory.create(out) : out
    try {
      yield* this.#steps(signal)
    } finally {
      if (typeof out === 'string') await this.#directory?.close()
    }
  }

  async *#steps(signal: AbortSignal | undefined): AsyncGenerator<TrainerStep> {
    const { schedule, model } = this.#options
    using reference = hasReference(this.#options) ? copyModel(model) : undefined
    let state = schedule.initialState
    let stage = schedule.stageOf(state)
    for (let step = 0; stage !== undefined; step++) {
      if (state.stageSteps === 0) this.#enter(stage, reference)
      const metrics = await this.#step(step, { state, stage, reference, signal })
      const next = schedule.next(state, metrics)
      state = next.state
      stage = next.stage
      yield { ...metrics, stageEnd: next.why }
    }
  }

  #enter(stage: Stage, reference: Decoder | undefined): void {
    const { model, optimizer } = this.#options
    if (stage.reset?.includes('optimizer')) optimizer.reset()
    if (reference && stage.reset?.includes('reference')) copyWeights(reference, model)
  }

  async #step(step: number, { state, stage, reference, signal }: StepAbout): Promise<StepMetrics> {
    const options = { ...this.#options, ...settingsOf(stage, this.#options) }
    const { model, optimizer, seed } = options
    optimizer.learningRate = scheduledRate(state.rateSteps, options.learningRate, options.learningRateSchedule)
    const started = performance.now()
    const parts = { engine: this.#engine, tokenizer: options.tokenizer }
    const groups = await answerRows(parts, this.#source.rowsOf(state.dataSteps, options.promptsPerStep), {
      ...options,
      maxResponseTokens: stage.maxResponseTokens,
      seed: new RandomStream(seed, `rollout of step ${step}`).word(),
      signal,
    })
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
  reference: Decoder | undefined
  signal: AbortSignal | undefined
}

function objectiveOf(options: Required<Objective>): Objective {
  const { temperature, clipLow, clipHigh, aggregation, klWeight, klEstimator, entropyWeight } = options
  return { temperature, clipLow, clipHigh, aggregation, klWeight, klEstimator, entropyWeight }
}

/** Whether any stage has a KL term. */
const hasReference = ({ klWeight = 0, schedule }: Pick<GrpoTrainerOptions, 'klWeight' | 'schedule'>): boolean =>
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

function requireOptions(options: GrpoTrainerOptions): void {
  const { promptsPerStep, passes = 1, schedule, learningRateSchedule = {} } = options
  if (!(Number.isInteger(promptsPerStep) && promptsPerStep >= 1))
    throw new ArgumentError(`[train] expected a whole number of at least 1 for promptsPerStep, got ${promptsPerStep}`)
  if (!(Number.isInteger(passes) && passes >= 1))
    throw new ArgumentError(`[train] expected a whole number of at least 1 for passes, got ${passes}`)
  const problem = rateProblem(learningRateSchedule)
  if (problem !== undefined) throw new ArgumentError(`[train] ${problem}`)
  if (!hasReference(options) && schedule.stages.some(({ reset }) => reset?.includes('reference')))
    throw new ArgumentError('[train] expected klWeight above 0 where a stage resets the reference, got 0')
}
