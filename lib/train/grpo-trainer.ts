// GRPO with a context that lengthens: each step samples, scores and learns under the limit of its stage; the schedule says
// when the next stage begins. Between two steps everything can be saved, and a run that was killed goes on from there.
import { type ProblemSource, shuffledRows } from '../data/problem-source.js'
import { ArgumentError, LengthenError } from '../errors.js'
import { writeModelFiles } from '../models/save.js'
import { RolloutEngine } from '../rollout/engine.js'
import type { Reset, ScheduleStep, Stage } from '../schedule/context-schedule.js'
import type { LoadedCheckpoint } from './checkpoint/content.js'
import { keptTensors, restoreTensors } from './checkpoint/kept-tensors.js'
import { type Rollback, rollbacksBefore } from './checkpoint/rollback.js'
import { type KeptState, RunKeeper } from './checkpoint/run-keeper.js'
import { shortfallText } from './collect-metrics.js'
import { adaptEntropyWeight, initialEntropyWeight } from './entropy-weight.js'
import type { StepMetrics } from './events.js'
import { furthestBack, type Guard, type GuardState, type GuardStep } from './guard/index.js'
import { type PolicyReference, policyReference } from './policy-reference.js'
import { RunDirectory } from './run/run-directory.js'
import { sampleRecords } from './run/sample-record.js'
import { type EnteredStage, StageRows } from './stage-rows.js'
import { stepSettings, type TakenStep, takeStep } from './take-step.js'
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

/** The guard stopped the run. */
export class GuardError extends LengthenError {}

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

  /**
   * Where a step of this run began that was done before, with the model as it was then. Steps between the checkpoint and it are done
   * again, and yielded. Nothing is written.
   */
  async *backAt(step: number, { from, rollbacks, signal }: BackOptions): AsyncGenerator<StepMetrics, StepPlace> {
    const { optimizer, model } = this.#options
    await this.#rows.prepare()
    const rateBefore = optimizer.learningRate
    using reference = hasReference(this.#options) ? policyReference(model) : undefined
    const life: Life = { reference, isReferenceKept: true }
    const about = { engine: this.#engine, journal: undefined, reference, signal }
    try {
      let at = from ? await this.#placeIn(from, life) : this.#start()
      for (; at.state.step + 1 < step; ) {
        const { state, stage, source } = requirePlace(at)
        this.#reset(state.schedule.reset, life)
        const taken = await takeStep(this.#options, {
          ...{ ...about, state, stage, source },
          rollbacks: rollbacksBefore(rollbacks, state.step),
        })
        at = this.#after(at, taken, null).next
        yield taken.metrics
      }
      const { state, stage, source } = requirePlace(at)
      const settings = stepSettings(this.#options, { state, stage, rollbacks: rollbacksBefore(rollbacks, state.step) })
      return {
        settings: { ...settings, maxResponseTokens: stage.maxResponseTokens },
        state,
        source,
        engine: this.#engine,
      }
    } finally {
      optimizer.learningRate = rateBefore
    }
  }

  async *#steps(life: Life): AsyncGenerator<TrainerStep> {
    const { keeper, stop } = life
    let at = life.from ? await this.#placeIn(life.from, life) : this.#start()
    if (!life.from) await this.#save(at.state, life)
    if (at.state.pending) {
      yield { ...at.state.pending, isToldAgain: true }
      at = await this.#dealtWith(at, life)
    }
    while (at.stage !== undefined && stop?.aborted !== true) {
      this.#reset(at.state.schedule.reset, life)
      const { told, next } = await this.#step(at, life)
      at = next
      if (at.state.pending) await this.#save(at.state, life)
      yield told
      if (at.state.pending) at = await this.#dealtWith(at, life)
      else if (keeper?.isDue(at.state.step) || stop?.aborted) await this.#save(at.state, life)
    }
  }

  #start(): Place {
    const { schedule, guard, adaptiveEntropy, entropyWeight } = this.#options
    const stage = schedule.stageOf(schedule.initialState)
    const source = stage && this.#rows.enter(stage).source
    const counts = { step: 0, numOptimizerSteps: 0, schedule: schedule.initialState, solved: this.#rows.state }
    const entropy = adaptiveEntropy ? initialEntropyWeight(entropyWeight, adaptiveEntropy) : null
    return { state: { ...counts, entropy, guard: guard?.initialState ?? null, pending: null }, stage, source }
  }

  async #placeIn(checkpoint: LoadedCheckpoint, { reference }: Life): Promise<Place> {
    const { model, optimizer, schedule } = this.#options
    const { trainer: state } = checkpoint.state as KeptState<TrainerState>
    await restoreTensors(checkpoint, { model, optimizer, reference }, state)
    const stage = schedule.stageOf(state.schedule)
    return { state, stage, source: stage && this.#rows.resume(stage, state.solved).source }
  }

  async #step(at: Place, life: Life): Promise<Told> {
    const { keeper, reference, signal } = life
    const journal = await keeper?.journal(at.state.step + 1)
    try {
      const { state, stage, source } = requirePlace(at)
      const about = { engine: this.#engine, rollbacks: keeper?.rollbacks ?? [], journal, reference, signal }
      const taken = await takeStep(this.#options, { ...about, state, stage, source })
      await this.#record(taken, life)
      return await this.#judged(at, taken, life)
    } finally {
      await journal?.close()
    }
  }

  /** What becomes of a step: the run goes on, goes back, or stops. */
  async #judged(at: Place, taken: TakenStep, life: Life): Promise<Told> {
    const { guard } = this.#options
    const { metrics, failure } = taken
    const found = guard && at.state.guard ? guard.next(at.state.guard, metrics) : undefined
    if (found?.action === 'rollback') return this.#goBack(at, { metrics, found }, life)
    if (found?.action === 'stop')
      throw new GuardError(`[train] step ${metrics.step}: ${found.text}`, { cause: failure })
    if (failure) throw failure
    const { told, next } = this.#after(at, taken, found?.state ?? null)
    return {
      told: found?.action === 'warn' ? { ...told, guard: { action: 'warn', text: found.text ?? '' } } : told,
      next,
    }
  }

  async #goBack(
    { state }: Place,
    { metrics, found }: { metrics: StepMetrics; found: GuardStep },
    life: Life,
  ): Promise<Told> {
    const { text = '', state: before } = found
    const guard = this.#options.guard as Guard
    const change = guard.changeOf({ ...before, numRollbacks: before.numRollbacks + 1 })
    const to = { atMost: before.lastGoodStep }
    const checkpoint = await life.keeper?.goBack(to, { fromStep: metrics.step, why: text, change })
    if (!checkpoint)
      throw new GuardError(`[train] step ${metrics.step}: ${text}; but there is no checkpoint to go back to`)
    const next = await this.#placeIn(checkpoint, life)
    const kept = guard.restored(next.state.guard ?? guard.initialState, before)
    life.isReferenceKept = false
    await life.companion?.restore((checkpoint.state as KeptState<unknown>).companion)
    return {
      told: {
        ...metrics,
        guard: { action: 'rollback', text },
        wentBackTo: checkpoint.step,
        nextStage: state.schedule.stage,
      },
      next: { ...next, state: { ...next.state, guard: kept } },
    }
  }

  #after({ state, source }: Place, { metrics, collected }: TakenStep, guard: GuardState | null): Told {
    const { schedule, optimizer, adaptiveEntropy } = this.#options
    this.#rows.note(collected.sampled)
    const { entered, ...next } = this.#passOver(schedule.next(state.schedule, metrics))
    const stageEnd = next.why
    const notes = [next.note, shortfallText(collected, this.#options)].filter((note) => note !== undefined)
    const told: TrainerStep = {
      ...metrics,
      ...(notes.length > 0 && { notes }),
      ...(stageEnd !== undefined && { stageEnd, nextStage: next.stage && next.state.stage }),
    }
    const entropy =
      state.entropy && adaptiveEntropy ? adaptEntropyWeight(state.entropy, metrics.entropy, adaptiveEntropy) : null
    const counts = { step: metrics.step, numOptimizerSteps: optimizer.numSteps, solved: this.#rows.state }
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

  /** What begins anew with the next step. The order of the data is the schedule's own. */
  #reset(names: readonly Reset[], life: Life): void {
    if (names.includes('optimizer')) this.#options.optimizer.reset()
    if (!names.includes('reference')) return
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
        backTo: state.guard ? Math.min(state.guard.lastGoodStep, state.step - furthestBack) : undefined,
      },
      { trainer: state, companion: companion?.state() ?? null },
    )
    life.isReferenceKept = true
  }

  async #record({ metrics, collected }: TakenStep, { directory }: Life): Promise<void> {
    const about = { step: metrics.step, numWithText: this.#options.numSampledPrompts }
    await directory?.writeSamples(sampleRecords(collected, about))
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

export interface BackOptions {
  /** At or before the step; the run's beginning where left out. */
  from?: LoadedCheckpoint | undefined
  /** Of the whole run. */
  rollbacks: readonly Rollback[]
  signal?: AbortSignal | undefined
}

/** Where a step begins. */
export interface StepPlace {
  settings: TrainerSettings & { maxResponseTokens: number }
  state: TrainerState
  source: ProblemSource
  engine: RolloutEngine
}

interface Told {
  told: TrainerStep
  next: Place
}

interface Place {
  state: TrainerState
  /** Of the next step; undefined when the run is over. */
  stage: Stage | undefined
  source: ProblemSource | undefined
}

function requirePlace({ state, stage, source }: Place): { state: TrainerState; stage: Stage; source: ProblemSource } {
  if (stage && source) return { state, stage, source }
  throw new ArgumentError(`[train] expected a step of the run, which is over after step ${state.step}`)
}

async function keptBy(out: TrainerSettings['out']): Promise<Pick<Life, 'directory' | 'keeper'>> {
  if (out instanceof RunKeeper) return { keeper: out, directory: out.directory }
  return { directory: typeof out === 'string' ? await RunDirectory.create(out) : out }
}

/** Whether any stage has a KL term. */
const hasReference = ({ klWeight, schedule }: Pick<TrainerSettings, 'klWeight' | 'schedule'>): boolean =>
  schedule.stages.some((stage) => (stage.klWeight ?? klWeight) > 0)
