// The course of a recipe's run: the supervised phase, the base's evaluation, then stage after stage with an evaluation behind each.
// From a checkpoint it goes on where that was written.
import { join } from 'node:path'
import { fileSha256 } from '../../io/file-hash.js'
import type { Decoder } from '../../models/decoder.js'
import { saveModel } from '../../models/save.js'
import type { AdamW } from '../../optim/adamw.js'
import type { RolloutEngine } from '../../rollout/engine.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import type { RunData } from '../build.js'
import type { LoadedCheckpoint } from '../checkpoint/content.js'
import type { KeptState, RunKeeper } from '../checkpoint/run-keeper.js'
import type { DistillStep } from '../distill.js'
import { distillByRecipe } from '../distill-recipe.js'
import type { RunEvent } from '../events.js'
import type { GrpoTrainer } from '../grpo-trainer.js'
import { evaluationLimit } from '../recipe/limits.js'
import type { Recipe } from '../recipe/recipe.js'
import type { RecipeRewards } from '../recipe-rewards.js'
import { rehearse, type StageRehearsal } from '../rehearsal/rehearse.js'
import type { Companion, TrainerStep } from '../trainer-state.js'
import { exampleOf } from './example.js'
import { HeldOutPhases, type PhasesState } from './held-out-phases.js'
import { isOver } from './is-over.js'
import { engineOfRecipe, trainerOfRecipe } from './trainer-of-recipe.js'

export interface RecipeRunParts {
  recipe: Recipe
  data: RunData
  model: Decoder
  tokenizer: Tokenizer
  rewards: RecipeRewards
  keeper: RunKeeper
  /** Where an earlier life has left off. */
  from: LoadedCheckpoint | undefined
  /** Ends the run at once. */
  signal: AbortSignal | undefined
  /** Ends it after the step under way, and other phases at once: they begin anew. */
  stop: AbortSignal | undefined
}

export class RecipeRun {
  readonly #parts: RecipeRunParts
  readonly #engine: RolloutEngine
  readonly #phases: HeldOutPhases
  /** Of what has no checkpoint within it. */
  readonly #signal: AbortSignal | undefined
  readonly #started = performance.now()
  #score: number | undefined

  constructor(parts: RecipeRunParts) {
    this.#parts = parts
    const { signal, stop } = parts
    const reward = parts.rewards.outcome
    this.#engine = engineOfRecipe({ ...parts, reward })
    this.#phases = new HeldOutPhases({ ...parts, engine: this.#engine, reward })
    this.#signal = AbortSignal.any([signal, stop].filter((one) => one !== undefined))
  }

  async *events(): AsyncGenerator<RunEvent> {
    const { from, keeper, data, tokenizer, stop } = this.#parts
    const { rewards, ...parts } = this.#parts
    const { trainer, optimizer } = trainerOfRecipe({ ...parts, reward: rewards.reward, engine: this.#engine })
    using _optimizer: AdamW = optimizer
    // What is over has no batch that could fail.
    if (!from || !isOver(this.#parts.recipe, from)) yield* this.#rehearse(optimizer)
    if (from) {
      await this.#restore((from.state as KeptState<unknown, PhasesState>).companion)
    } else {
      yield* this.#distill()
      yield* this.#evaluate('base', undefined)
    }
    yield* this.#train(trainer)
    stop?.throwIfAborted()
    const folder = await this.#saveModel()
    const example = exampleOf(data.heldOut.rows, this.#phases, tokenizer)
    if (example) yield example
    yield {
      type: 'summary',
      run: keeper.directory.path,
      phases: [...this.#phases.reports],
      weightsSha256: await fileSha256(join(folder, this.#isMerged ? 'model.safetensors' : 'adapter_model.safetensors')),
      seconds: (performance.now() - this.#started) / 1000,
    }
  }

  async *#distill(): AsyncGenerator<RunEvent> {
    const { recipe, data, model, tokenizer } = this.#parts
    const section = recipe.distill
    if (!section || !data.synthetic) return
    const started = performance.now()
    let numTokens = 0
    const parts = { model, tokenizer, source: data.synthetic, turn: recipe.data.prompt }
    let last: DistillStep | undefined
    for await (const step of distillByRecipe(section, parts, { signal: this.#signal })) {
      last = step
      numTokens += step.numTokens
      const seconds = (performance.now() - started) / 1000
      const { maxSteps } = section
      const tokensPerSecond = numTokens / seconds
      yield { type: 'distill', step: step.step, maxSteps, loss: step.loss, tokensPerSecond, seconds }
    }
    if (!section.until || !last?.level) return
    const { meanLoss, isReached: isLevelReached } = last.level
    yield { type: 'distillEnd', step: last.step, level: section.until.loss, meanLoss, isLevelReached }
  }

  async *#rehearse(optimizer: AdamW): AsyncGenerator<RunEvent> {
    const { recipe, model, data, keeper } = this.#parts
    if (!recipe.memory.rehearsal) return
    const { samplesPerProblem } = recipe.evaluation
    const evaluation = {
      numProblems: data.heldOut.rows.length,
      samplesPerProblem,
      maxResponseTokens: evaluationLimit(recipe),
    }
    const settings = { ...recipe.rollout, ...recipe.objective, evaluation, hasSnapshot: true, signal: this.#signal }
    const rehearsed: StageRehearsal[] = []
    for await (const stage of rehearse({ model, optimizer, engine: this.#engine }, recipe.schedule.stages, settings)) {
      rehearsed.push(stage)
      yield { type: 'rehearsal', ...stage }
    }
    await keeper.directory.writeRehearsal(rehearsed)
  }

  async *#train(trainer: GrpoTrainer): AsyncGenerator<RunEvent> {
    const { recipe, from, signal, stop } = this.#parts
    const { stages } = recipe.schedule
    if (!from) yield stageEvent(stages, 0, 'the first stage')
    const companion: Companion = {
      state: () => this.#phases.state,
      restore: (state) => this.#restore(state as PhasesState),
      score: () => this.#score,
    }
    for await (const step of trainer.run({ signal, stop, from, companion })) yield* this.#stepEvents(step)
  }

  async *#stepEvents(step: TrainerStep): AsyncGenerator<RunEvent> {
    const { stages } = this.#parts.recipe.schedule
    const { stageEnd, nextStage, notes = [], guard, wentBackTo, isToldAgain, ...metrics } = step
    if (!isToldAgain) {
      yield { type: 'step', ...metrics }
      for (const text of notes) yield { type: 'note', step: metrics.step, text }
      if (guard)
        yield { type: 'guard', step: metrics.step, ...guard, ...(wentBackTo !== undefined && { toStep: wentBackTo }) }
    }
    this.#score = undefined
    if (stageEnd === undefined) return
    yield* this.#evaluate(this.#phaseName(metrics.stage), metrics.maxResponseTokens)
    if (nextStage !== undefined) yield stageEvent(stages, nextStage, stageEnd)
    else if (metrics.stage + 1 < stages.length) yield { type: 'runEnd', why: stageEnd }
  }

  /** A stage that the run went back to, or from, ends more than once. */
  #phaseName(stage: number): string {
    const name = `stage ${stage + 1}`
    const numBefore = this.#phases.reports.filter((phase) => phase.name.split(',')[0] === name).length
    return numBefore === 0 ? name : `${name}, time ${numBefore + 1}`
  }

  /** A model made from nothing, or trained as a whole, is written whole; of adapters on a base only they are, unless they are merged. */
  get #isMerged(): boolean {
    const { model, recipe } = this.#parts
    return model.lora === null || recipe.model.lora?.merge === true
  }

  #saveModel(): Promise<string> {
    const { model, tokenizer, recipe, keeper } = this.#parts
    const about = { merge: this.#isMerged, base: recipe.model.path }
    return keeper.directory.writeModel((folder) => saveModel(folder, { model, tokenizer, ...about }))
  }

  async *#evaluate(name: string, ownLimit: number | undefined): AsyncGenerator<RunEvent> {
    const phase = await this.#phases.evaluate(name, ownLimit, this.#signal)
    this.#score = phase.passAt1
    await this.#writePhases()
    yield { type: 'phase', phase }
  }

  async #restore(state: PhasesState): Promise<void> {
    this.#phases.restore(state)
    await this.#writePhases()
  }

  #writePhases(): Promise<void> {
    return this.#parts.keeper.directory.writePhases(this.#phases.reports)
  }
}

const stageEvent = (stages: Recipe['schedule']['stages'], stage: number, why: string): RunEvent => ({
  type: 'stage',
  stage,
  maxResponseTokens: stages[stage]?.maxResponseTokens ?? 0,
  why,
})
