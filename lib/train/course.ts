// The course of a run from one start or resumption on: step after step, what becomes of each, and what is saved between them.
import type { ProblemSource } from '../data/problem-source.js'
import { ArgumentError, LengthenError, messageOf } from '../errors.js'
import { writeModelFiles } from '../models/save.js'
import type { RolloutEngine } from '../rollout/engine.js'
import type { Reset, ScheduleStep, Stage } from '../schedule/context-schedule.js'
import type { LoadedCheckpoint } from './checkpoint/content.js'
import { keptTensors, restoreTensors } from './checkpoint/kept-tensors.js'
import type { Rollback } from './checkpoint/rollback.js'
import type { KeptState, RunKeeper } from './checkpoint/run-keeper.js'
import { shortfallText } from './collect-metrics.js'
import { adaptEntropyWeight, initialEntropyWeight } from './entropy-weight.js'
import type { StepMetrics } from './events.js'
import { furthestBack, type Guard, type GuardState, type GuardStep, isNumericalFailure } from './guard/index.js'
import type { PolicyReference } from './policy-reference.js'
import type { RolloutJournal } from './rollout-journal.js'
import type { RunDirectory } from './run/run-directory.js'
import { sampleRecords } from './run/sample-record.js'
import type { EnteredStage, StageRows } from './stage-rows.js'
import { sampledEntropy, unmeasuredStep } from './step-metrics.js'
import { type TakenStep, takeStep } from './take-step.js'
import type { TrainerSettings } from './trainer-options.js'
import type { Companion, TrainerState, TrainerStep } from './trainer-state.js'

/** The guard stopped the run. */
export class GuardError extends LengthenError {}

/** What a course is made of, beside the trainer's settings. */
export interface CourseParts {
  rows: StageRows
  engine: RolloutEngine
  reference: PolicyReference | undefined
  directory?: RunDirectory | undefined
  keeper?: RunKeeper | undefined
  companion?: Companion | undefined
  signal?: AbortSignal | undefined
}

/** Where a run stands between two steps. */
export interface Place {
  state: TrainerState
  /** Of the next step; undefined when the run is over. */
  stage: Stage | undefined
  source: ProblemSource | undefined
}

export interface Told {
  told: TrainerStep
  next: Place
}

export interface TakeOptions {
  rollbacks?: readonly Rollback[] | undefined
  noted?: RolloutJournal | undefined
}

export class Course {
  readonly #options: TrainerSettings
  readonly #parts: CourseParts
  /** Whether the latest checkpoint holds the reference as it is. */
  #isReferenceKept = false

  constructor(options: TrainerSettings, parts: CourseParts) {
    this.#options = options
    this.#parts = parts
  }

  /** The beginning of the run. */
  start(): Place {
    const { schedule, guard, adaptiveEntropy, entropyWeight } = this.#options
    const { rows } = this.#parts
    const stage = schedule.stageOf(schedule.initialState)
    const source = stage && rows.enter(stage).source
    const counts = { step: 0, numOptimizerSteps: 0, schedule: schedule.initialState, solved: rows.state }
    const entropy = adaptiveEntropy ? initialEntropyWeight(entropyWeight, adaptiveEntropy) : null
    return { state: { ...counts, entropy, guard: guard?.initialState ?? null, pending: null }, stage, source }
  }

  /** Where a checkpoint was written, with its tensors in place. */
  async placeIn(checkpoint: LoadedCheckpoint): Promise<Place> {
    const { model, optimizer, schedule } = this.#options
    const { rows, reference, keeper } = this.#parts
    const { trainer: kept } = checkpoint.state as KeptState<TrainerState>
    await restoreTensors(checkpoint, { model, optimizer, reference }, kept)
    const stage = schedule.stageOf(kept.schedule)
    // The run may have gone back to here since this was written.
    const guard = kept.guard && { ...kept.guard, numRollbacks: keeper?.rollbacks.length ?? kept.guard.numRollbacks }
    return { state: { ...kept, guard }, stage, source: stage && rows.resume(stage, kept.solved).source }
  }

  /** The step of a place, under these rollbacks, with what is noted of it; the keeper's where left out. */
  async take(at: Place, { rollbacks, noted }: TakeOptions = {}): Promise<TakenStep> {
    const { engine, keeper, reference, signal } = this.#parts
    const { state, stage, source } = requirePlace(at)
    this.#reset(state.schedule.reset)
    const journal = await keeper?.journal(state.step + 1)
    try {
      const before = rollbacks ?? keeper?.rollbacks ?? []
      const about = { engine, journal: noted ?? journal, reference, signal, rollbacks: before }
      return await takeStep(this.#options, { ...about, state, stage, source })
    } finally {
      await journal?.close()
    }
  }

  /** The next step and what becomes of it: the run goes on, goes back, or stops. */
  async step(at: Place): Promise<Told> {
    const { guard } = this.#options
    const { taken, error } = await this.#tried(at)
    if (!taken) return this.#failed(at, error)
    await this.#record(taken)
    const { metrics, failure } = taken
    const found = guard && at.state.guard ? guard.next(at.state.guard, metrics) : undefined
    if (found?.action === 'rollback') return this.#goBack(metrics, found)
    if (found?.action === 'stop')
      throw new GuardError(`[train] step ${metrics.step}: ${found.text}`, { cause: failure })
    if (failure) throw failure
    const { told, next } = this.after(at, taken, found?.state ?? null)
    if (found?.action !== 'warn') return { told, next }
    return { told: { ...told, guard: { action: 'warn', text: found.text ?? '' } }, next }
  }

  /** What follows a step that counts. */
  after({ state, source }: Place, { metrics, collected }: TakenStep, guard: GuardState | null): Told {
    const { schedule, optimizer, adaptiveEntropy } = this.#options
    const { rows } = this.#parts
    rows.note(collected.sampled)
    const { entered, ...next } = this.#passOver(schedule.next(state.schedule, metrics))
    const stageEnd = next.why
    const notes = [next.note, shortfallText(collected, this.#options)].filter((note) => note !== undefined)
    const told: TrainerStep = {
      ...metrics,
      ...(notes.length > 0 && { notes }),
      ...(stageEnd !== undefined && { stageEnd, nextStage: next.stage && next.state.stage }),
    }
    const entropy =
      state.entropy && adaptiveEntropy
        ? // Of everything sampled: the tokens that an update runs through differ with and without a bonus.
          adaptEntropyWeight(state.entropy, sampledEntropy(collected.sampled.flat()), adaptiveEntropy)
        : null
    const counts = { step: metrics.step, numOptimizerSteps: optimizer.numSteps, solved: rows.state }
    const pending = stageEnd === undefined ? null : told
    return {
      told,
      next: {
        state: { ...counts, schedule: next.state, entropy, guard, pending },
        stage: next.stage,
        source: entered ? entered.source : source,
      },
    }
  }

  /** The end of a stage is behind the run once whoever drives it has asked for the next step. */
  async dealtWith(at: Place): Promise<Place> {
    const state = { ...at.state, pending: null }
    await this.save(state, { isUnchanged: true })
    return { ...at, state }
  }

  /** `isUnchanged`: the tensors are those of the checkpoint before, whose files are linked rather than written once more. */
  async save(state: TrainerState, { isUnchanged = false } = {}): Promise<void> {
    const { keeper, reference, companion } = this.#parts
    if (!keeper) return
    const { model, optimizer, tokenizer } = this.#options
    const tensors = keptTensors({ model, optimizer, reference })
    const kept = this.#isReferenceKept ? ['reference'] : []
    await keeper.save(
      {
        step: state.step,
        score: companion?.score?.(),
        tensors,
        unchanged: isUnchanged ? Object.keys(tensors) : kept,
        files: (folder) => writeModelFiles(folder, { model, tokenizer }),
        backTo: state.guard ? Math.min(state.guard.lastGoodStep, state.step - furthestBack) : undefined,
      },
      { trainer: state, companion: companion?.state() ?? null },
    )
    this.#isReferenceKept = true
  }

  /** Weights that are no numbers already fail while answers are sampled: of that step there are no metrics. */
  async #tried(at: Place): Promise<{ taken?: TakenStep; error?: unknown }> {
    try {
      return { taken: await this.take(at) }
    } catch (error) {
      if (this.#options.guard && isNumericalFailure(error)) return { error }
      throw error
    }
  }

  async #failed(at: Place, error: unknown): Promise<Told> {
    const guard = this.#options.guard as Guard
    const step = at.state.step + 1
    const found = guard.failed(at.state.guard ?? guard.initialState, { step, why: messageOf(error) })
    if (found.action === 'rollback') return this.#goBack(unmeasured(at, step), found)
    if (found.action === 'stop') throw new GuardError(`[train] step ${step}: ${found.text}`, { cause: error })
    throw error
  }

  async #goBack(metrics: StepMetrics, { text = '', state: before }: GuardStep): Promise<Told> {
    const { keeper, companion } = this.#parts
    const guard = this.#options.guard as Guard
    const change = guard.changeOf({ ...before, numRollbacks: before.numRollbacks + 1 })
    const to = { atMost: before.lastGoodStep }
    const checkpoint = await keeper?.goBack(to, { fromStep: metrics.step, why: text, change })
    if (!checkpoint)
      throw new GuardError(`[train] step ${metrics.step}: ${text}; but there is no checkpoint to go back to`)
    const next = await this.placeIn(checkpoint)
    this.#isReferenceKept = false
    await companion?.restore((checkpoint.state as KeptState<unknown>).companion)
    const kept = guard.restored(next.state.guard ?? guard.initialState, before)
    return {
      told: { ...metrics, guard: { action: 'rollback', text }, wentBackTo: checkpoint.step },
      next: { ...next, state: { ...next.state, guard: kept } },
    }
  }

  /** Enters the stage that follows one that is over; those that no row is left for are skipped, with what they would reset. */
  #passOver(step: ScheduleStep): ScheduleStep & { entered?: EnteredStage } {
    if (step.why === undefined || step.stage === undefined) return step
    const { schedule, promptsPerStep } = this.#options
    const entered = this.#parts.rows.enter(step.stage)
    const { source, numRows = Number.POSITIVE_INFINITY, numLeftOut } = entered
    const leftOut = numLeftOut > 0 ? `, ${numLeftOut} left out as solved` : ''
    if (!source) {
      const skipped = schedule.skip(step.state, `no row is left for it${leftOut}`)
      return this.#passOver({ ...skipped, why: `${step.why}; ${skipped.why}` })
    }
    const few = `; stage ${step.state.stage + 1} has ${numRows} rows for ${promptsPerStep} prompts a step${leftOut}`
    return { ...step, entered, why: numRows < promptsPerStep ? `${step.why}${few}` : step.why }
  }

  /** What begins anew with the next step. The order of the data is the schedule's own. */
  #reset(names: readonly Reset[]): void {
    if (names.includes('optimizer')) this.#options.optimizer.reset()
    if (!names.includes('reference')) return
    this.#parts.reference?.reset()
    this.#isReferenceKept = false
  }

  async #record({ metrics, collected }: TakenStep): Promise<void> {
    const { directory } = this.#parts
    const about = { step: metrics.step, numWithText: this.#options.numSampledPrompts }
    await directory?.writeSamples(sampleRecords(collected, about))
    await directory?.writeStep(metrics)
  }
}

export function requirePlace({
  state,
  stage,
  source,
}: Place): Required<Place> & { stage: Stage; source: ProblemSource } {
  if (stage && source) return { state, stage, source }
  throw new ArgumentError(`[train] expected a step of the run, which is over after step ${state.step}`)
}

/** Of a step that failed before it had any metrics. */
const unmeasured = ({ state, stage }: Place, step: number): StepMetrics =>
  unmeasuredStep({ step, stage: state.schedule.stage, maxResponseTokens: stage?.maxResponseTokens ?? 0 })
