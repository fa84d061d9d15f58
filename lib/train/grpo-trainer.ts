// GRPO with a context that lengthens: each step samples, scores and learns under the limit of its stage; the schedule says
// when the next stage begins. Between two steps everything can be saved, and a run that was killed goes on from there.

import { checkOptions, type OptionKeys } from '../arguments.js'
import { type ProblemSource, shuffledRows } from '../data/problem-source.js'
import { RolloutEngine } from '../rollout/engine.js'
import type { LoadedCheckpoint } from './checkpoint/content.js'
import { type Rollback, rollbacksBefore } from './checkpoint/rollback.js'
import { RunKeeper } from './checkpoint/run-keeper.js'
import { Course, requirePlace } from './course.js'
import type { StepMetrics } from './events.js'
import { type PolicyReference, policyReference } from './policy-reference.js'
import { rehearse, type StageRehearsal } from './rehearsal/rehearse.js'
import type { RehearsalOptions } from './rehearsal/settings.js'
import type { RolloutJournal } from './rollout-journal.js'
import { RunDirectory } from './run/run-directory.js'
import { StageRows } from './stage-rows.js'
import { stepSettings } from './take-step.js'
import { type GrpoTrainerOptions, type TrainerSettings, trainerSettings } from './trainer-options.js'
import type { Companion, TrainerState, TrainerStep } from './trainer-state.js'

export { GuardError } from './course.js'
export type { TrainerStep } from './trainer-state.js'

/** How a trainer's run begins and ends. */
export interface TrainOptions {
  /** Ends the run at once, with the signal's reason thrown: what came after the last checkpoint is lost. */
  signal?: AbortSignal | undefined
  /** Ends the run after the step under way, with a checkpoint where there is a RunKeeper; nothing is thrown. */
  stop?: AbortSignal | undefined
  /** Goes on from here, as a run would have that was never stopped; from the beginning where left out. */
  from?: LoadedCheckpoint | undefined
  /** Whoever drives the run and has a state of its own, kept in checkpoints beside the trainer's. */
  companion?: Companion | undefined
}

/**
 * Trains a model by group-relative policy optimization (Shao et al. 2024, arXiv 2402.03300) or another objective of its `method`, under the
 * limits of a context schedule: a step samples answers, scores them, and learns from them.
 *
 * @example
 * ```ts
 * import { AdamW, contextSchedule, GrpoTrainer, loadModel, mathReward, readRows } from 'lengthen'
 *
 * const { model, tokenizer } = await loadModel('models/qwen2.5-0.5b')
 * const trainer = new GrpoTrainer({
 *   model,
 *   tokenizer,
 *   data: await readRows('problems.jsonl'),
 *   reward: mathReward(),
 *   schedule: contextSchedule([{ maxResponseTokens: 512 }], { maxSteps: 100 }),
 *   optimizer: new AdamW(model.parameters(), { learningRate: 1e-6 }),
 *   out: 'runs/first',
 * })
 * for await (const { step, reward } of trainer.run()) console.log(step, reward)
 * ```
 */
export class GrpoTrainer {
  readonly #options: TrainerSettings
  readonly #rows: StageRows
  readonly #engine: RolloutEngine

  /**
   * Checks the options and fills in those that are left out; the defaults are a recipe's, and promptsPerStep 16.
   * @throws {@link ArgumentError} one, which tells of every option that is wrong.
   */
  constructor(options: GrpoTrainerOptions) {
    this.#options = trainerSettings(options)
    const { data, model, tokenizer, schedule } = this.#options
    const source = 'rowsOf' in data ? data : shuffledRows(data, { seed: this.#options.seed })
    this.#rows = new StageRows(source, { ...this.#options, stages: schedule.stages })
    this.#engine = options.engine ?? new RolloutEngine(model, tokenizer)
  }

  /**
   * Steps until the schedule ends. Between two of them the weights rest, and may be evaluated or saved; the next step is made once it is
   * asked for. The optimizer's learning rate is put back at the end.
   * @throws {@link ArgumentError} where a stage selects no row, and for an option of another name.
   * @throws {@link LossError} where a loss or a gradient is no number, and no guard goes back or stops.
   * @throws {@link GuardError} where the guard stops the run.
   * @throws {@link CheckpointError} where a checkpoint could not be written.
   */
  async *run(options: TrainOptions = {}): AsyncGenerator<TrainerStep> {
    checkOptions('train', options, runKeys)
    const { signal, stop, from, companion } = options
    const { out } = this.#options
    const kept = await keptBy(out)
    using reference = await this.#prepared()
    const rateBefore = this.#options.optimizer.learningRate
    const parts = { rows: this.#rows, engine: this.#engine, reference, companion, signal, ...kept }
    const course = new Course(this.#options, parts)
    try {
      yield* steps(course, { from, stop, keeper: kept.keeper })
      await kept.keeper?.settled()
    } finally {
      this.#options.optimizer.learningRate = rateBefore
      await kept.keeper?.settled().catch(() => {}) // what ended the run is told, not what its end has spoiled
      if (typeof out === 'string') await kept.directory?.close()
    }
  }

  /**
   * Runs each stage's worst batch, before the first step: what would run out of memory in the midst of a run fails here. Nothing changes.
   * @throws {@link OutOfMemoryError} which names the stage, and the keys of a recipe that ask for less.
   */
  rehearse(options: Partial<Pick<RehearsalOptions, 'evaluation' | 'signal'>> = {}): AsyncGenerator<StageRehearsal> {
    checkOptions('rehearsal', options, rehearsalKeys)
    const { model, optimizer, schedule, out } = this.#options
    const hasSnapshot = out instanceof RunKeeper
    return rehearse({ model, optimizer, engine: this.#engine }, schedule.stages, {
      ...this.#options,
      hasSnapshot,
      ...options,
    })
  }

  /**
   * @internal Where a step of this run began that was done before, with the model as it was then. Steps between the checkpoint and it are done
   * again, and yielded. Nothing is written.
   */
  async *backAt(step: number, { from, rollbacks, noted, signal }: BackOptions): AsyncGenerator<StepMetrics, StepPlace> {
    using reference = await this.#prepared()
    const rateBefore = this.#options.optimizer.learningRate
    const course = new Course(this.#options, { rows: this.#rows, engine: this.#engine, reference, signal })
    try {
      let at = from ? await course.placeIn(from) : course.start()
      while (at.state.step + 1 < step) {
        const before = rollbacksBefore(rollbacks, at.state.step)
        const taken = await course.take(at, { rollbacks: before, noted: noted?.get(at.state.step + 1) })
        at = course.after(at, taken, null).next
        yield taken.metrics
      }
      const { state, stage, source } = requirePlace(at)
      const settings = stepSettings(this.#options, { state, stage, rollbacks: rollbacksBefore(rollbacks, state.step) })
      const { maxResponseTokens } = stage
      return { settings: { ...settings, maxResponseTokens }, state, source, engine: this.#engine }
    } finally {
      this.#options.optimizer.learningRate = rateBefore
    }
  }

  /** The reference, where any stage has a KL term; the caller disposes of it. */
  async #prepared(): Promise<PolicyReference | undefined> {
    await this.#rows.prepare()
    return hasReference(this.#options) ? policyReference(this.#options.model) : undefined
  }
}

/** The course from its beginning, or a checkpoint, to its end. */
async function* steps(
  course: Course,
  { from, stop, keeper }: Pick<TrainOptions, 'from' | 'stop'> & { keeper: RunKeeper | undefined },
): AsyncGenerator<TrainerStep> {
  let at = from ? await course.placeIn(from) : course.start()
  if (!from) await course.save(at.state)
  if (at.state.pending) {
    yield { ...at.state.pending, isToldAgain: true }
    at = await course.dealtWith(at)
  }
  while (at.stage !== undefined && stop?.aborted !== true) {
    const { told, next } = await course.step(at)
    at = next
    if (at.state.pending) await course.save(at.state)
    yield told
    if (at.state.pending) at = await course.dealtWith(at)
    else if (keeper?.isDue(at.state.step) || stop?.aborted) await course.save(at.state)
  }
}

export interface BackOptions {
  /** At or before the step; the run's beginning where left out. */
  from?: LoadedCheckpoint | undefined
  /** Of the whole run. */
  rollbacks: readonly Rollback[]
  /** What was noted of steps that are done again; the reward is asked about the others. */
  noted?: ReadonlyMap<number, RolloutJournal> | undefined
  signal?: AbortSignal | undefined
}

/** Where a step begins. */
export interface StepPlace {
  settings: TrainerSettings & { maxResponseTokens: number }
  state: TrainerState
  source: ProblemSource
  engine: RolloutEngine
}

async function keptBy(
  out: TrainerSettings['out'],
): Promise<{ directory: RunDirectory | undefined; keeper: RunKeeper | undefined }> {
  if (out instanceof RunKeeper) return { keeper: out, directory: out.directory }
  return { directory: typeof out === 'string' ? await RunDirectory.create(out) : out, keeper: undefined }
}

/** Whether any stage has a KL term. */
const hasReference = ({ klWeight, schedule }: Pick<TrainerSettings, 'klWeight' | 'schedule'>): boolean =>
  schedule.stages.some((stage) => (stage.klWeight ?? klWeight) > 0)

const runKeys: OptionKeys<TrainOptions> = { signal: true, stop: true, from: true, companion: true }

const rehearsalKeys: OptionKeys<Partial<Pick<RehearsalOptions, 'evaluation' | 'signal'>>> = {
  evaluation: true,
  signal: true,
}
