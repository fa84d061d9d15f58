// GRPO with a context that lengthens: each step samples, scores and learns under the limit of its stage; the schedule says
// when the next stage begins. Between two steps everything can be saved, and a run that was killed goes on from there.
import { type ProblemSource, shuffledRows } from '../data/problem-source.js'
import { writeModelFiles } from '../models/save.js'
import { RolloutEngine } from '../rollout/engine.js'
import type { ScheduleStep, Stage } from '../schedule/context-schedule.js'
import type { LoadedCheckpoint } from './checkpoint/content.js'
import { keptTensors, restoreTensors } from './checkpoint/kept-tensors.js'
import { type KeptState, RunKeeper } from './checkpoint/run-keeper.js'
import type { StepMetrics } from './events.js'
import { type PolicyReference, policyReference } from './policy-reference.js'
import { RunDirectory } from './run/run-directory.js'
import { sampleRecords } from './run/sample-record.js'
import { type EnteredStage, StageRows } from './stage-rows.js'
import { type TakenStep, takeStep } from './take-step.js'
import { type GrpoTrainerOptions, type TrainerSettings, trainerSettings } from './trainer-options.js'
import type { Companion, TrainerState, TrainerStep } from './trainer-state.js'

export type { TrainerStep } from './trainer-state.js'

export interface TrainOptions {
  /** Ends the run at once: what came after the last checkpoint is lost. */
  signal?: AbortSignal | undefined
  /** Ends the run after the step under way, with a checkpoint. */
  stop?: AbortSignal | undefined
  /** Goes on from here, as a run would have that was never stopped; from the beginning where left out. */
  from?: LoadedCheckpoint | undefined
  companion?: Companion | undefined
}

export class GrpoTrainer {
  readonly #options: TrainerSettings
  readonly #rows: StageRows
  readonly #engine: RolloutEngine

  constructor(options: GrpoTrainerOptions) {
    this.#options = trainerSettings(options)
    const { data, model, tokenizer, schedule } = this.#options
    const source = 'rowsOf' in data ? data : shuffledRows(data, { seed: this.#options.seed })
    this.#rows = new StageRows(source, { ...this.#options, stages: schedule.stages })
    this.#engine = options.engine ?? new RolloutEngine(model, tokenizer)
  }

  /** Steps until the schedule ends. Between two of them the weights rest, and may be evaluated or saved. */
  async *run(options: TrainOptions = {}): AsyncGenerator<TrainerStep> {
    const { out, optimizer, model } = this.#options
    await this.#rows.prepare()
    const rateBefore = optimizer.learningRate
    const kept = await keptBy(out)
    using reference = hasReference(this.#options) ? policyReference(model) : undefined
    try {
      yield* this.#steps({ ...options, ...kept, reference, isReferenceKept: false })
      await kept.keeper?.settled()
    } finally {
      optimizer.learningRate = rateBefore
      await kept.keeper?.settled().catch(() => {}) // what ended the run is told, not what its end has spoiled
      if (typeof out === 'string') await kept.directory?.close()
    }
  }

  async *#steps(life: Life): AsyncGenerator<TrainerStep> {
    const { keeper, stop } = life
    let at = life.from ? await this.#placeIn(life.from, life) : this.#start()
    if (!life.from) await this.#save(at.state, life)
    if (at.state.pending) {
      yield at.state.pending
      at = await this.#dealtWith(at, life)
    }
    while (at.stage !== undefined && stop?.aborted !== true) {
      if (at.state.schedule.stageSteps === 0) this.#reset(at.stage, life)
      const { metrics, next } = await this.#step(at, life)
      at = next
      const told = at.state.pending ?? metrics
      if (at.state.pending) await this.#save(at.state, life)
      yield told
      if (at.state.pending) at = await this.#dealtWith(at, life)
      else if (keeper?.isDue(at.state.step) || stop?.aborted) await this.#save(at.state, life)
    }
  }

  #start(): Place {
    const { schedule } = this.#options
    const stage = schedule.stageOf(schedule.initialState)
    const source = stage && this.#rows.enter(stage).source
    const state = { step: 0, numOptimizerSteps: 0, schedule: schedule.initialState, solved: this.#rows.state }
    return { state: { ...state, pending: null }, stage, source }
  }

  async #placeIn(checkpoint: LoadedCheckpoint, { reference }: Life): Promise<Place> {
    const { model, optimizer, schedule } = this.#options
    const { trainer: state } = checkpoint.state as KeptState<TrainerState>
    await restoreTensors(checkpoint, { model, optimizer, reference }, state)
    const stage = schedule.stageOf(state.schedule)
    return { state, stage, source: stage && this.#rows.resume(stage, state.solved).source }
  }

  async #step(at: Place, life: Life): Promise<{ metrics: StepMetrics; next: Place }> {
    const { keeper, directory, reference, signal } = life
    const journal = await keeper?.journal(at.state.step + 1)
    const about = { engine: this.#engine, rollbacks: keeper?.rollbacks ?? [], journal, reference, signal }
    const { state, stage, source } = at as Required<Place>
    try {
      const taken = await takeStep(this.#options, { ...about, state, stage, source } as never)
      this.#rows.note(taken.sampled)
      await this.#record(taken, directory)
      return { metrics: taken.metrics, next: this.#after(at, taken) }
    } finally {
      await journal?.close()
    }
  }

  #after({ state, source }: Place, { metrics, numBatches }: TakenStep): Place {
    const { schedule, optimizer } = this.#options
    const { entered, ...next } = this.#passOver(schedule.next(state.schedule, { ...metrics, numBatches }))
    const stageEnd = next.why
    const pending = stageEnd === undefined ? null : { ...metrics, stageEnd, nextStage: next.stage && next.state.stage }
    const done = { step: metrics.step, numOptimizerSteps: optimizer.numSteps, solved: this.#rows.state }
    return {
      state: { ...state, ...done, schedule: next.state, pending },
      stage: next.stage,
      source: entered ? entered.source : source,
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
  #reset(stage: Stage, life: Life): void {
    if (stage.reset?.includes('optimizer')) this.#options.optimizer.reset()
    if (!stage.reset?.includes('reference')) return
    life.reference?.reset()
    life.isReferenceKept = false
  }

  /** The end of a stage is behind the run once whoever drives it has asked for the next step. */
  async #dealtWith(at: Place, life: Life): Promise<Place> {
    const state = { ...at.state, pending: null }
    await this.#save(state, life)
    return { ...at, state }
  }

  async #save(state: TrainerState, life: Life): Promise<void> {
    const { keeper, reference, companion } = life
    if (!keeper) return
    const { model, optimizer, tokenizer } = this.#options
    await keeper.save(
      {
        step: state.step,
        score: companion?.score?.(),
        tensors: keptTensors({ model, optimizer, reference }),
        unchanged: life.isReferenceKept ? ['reference'] : [],
        files: (folder) => writeModelFiles(folder, { model, tokenizer }),
      },
      { trainer: state, companion: companion?.state() ?? null },
    )
    life.isReferenceKept = true
  }

  async #record({ metrics, sampled }: TakenStep, directory: RunDirectory | undefined): Promise<void> {
    const about = { step: metrics.step, numWithText: this.#options.numSampledPrompts }
    await directory?.writeSamples(sampleRecords(sampled, about))
    await directory?.writeStep(metrics)
  }
}

/** From one start or resumption to the end of the process. */
interface Life extends TrainOptions {
  directory?: RunDirectory | undefined
  keeper?: RunKeeper | undefined
  reference: PolicyReference | undefined
  /** Whether the latest checkpoint holds the reference as it is. */
  isReferenceKept: boolean
}

interface Place {
  state: TrainerState
  /** Of the next step; undefined when the run is over. */
  stage: Stage | undefined
  source: ProblemSource | undefined
}

async function keptBy(out: TrainerSettings['out']): Promise<Pick<Life, 'directory' | 'keeper'>> {
  if (out instanceof RunKeeper) return { keeper: out, directory: out.directory }
  return { directory: typeof out === 'string' ? await RunDirectory.create(out) : out }
}

/** Whether any stage has a KL term. */
const hasReference = ({ klWeight, schedule }: Pick<TrainerSettings, 'klWeight' | 'schedule'>): boolean =>
  schedule.stages.some((stage) => (stage.klWeight ?? klWeight) > 0)
