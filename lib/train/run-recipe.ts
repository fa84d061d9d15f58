// Carries out a recipe: model and data, the supervised phase, the base's evaluation, then stage after stage with an
// evaluation behind each. Tells everything as events; the last one is the summary.

import type { ProblemSource } from '../data/problem-source.js'
import { promptsOf } from '../data/prompt.js'
import type { Row } from '../data/row.js'
import { numThreads, target } from '../device.js'
import { evaluate, type GradedAnswer } from '../eval/evaluate.js'
import { cutAt, summarize } from '../eval/statistics.js'
import type { Decoder } from '../models/decoder.js'
import { saveModel } from '../models/save.js'
import { AdamW } from '../optim/adamw.js'
import { RandomStream } from '../random.js'
import { mathReward } from '../reward/math-reward.js'
import type { Reward } from '../reward/reward.js'
import { RolloutEngine } from '../rollout/engine.js'
import { contextSchedule } from '../schedule/context-schedule.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import { packageVersion } from '../version.js'
import { buildData, buildModel, buildTokenizer, type RunData } from './build.js'
import type { DistillStep } from './distill.js'
import { distillByRecipe } from './distill-recipe.js'
import type { AccuracyAtLimit, ExampleAnswer, PhaseReport, RunEvent } from './events.js'
import { GrpoTrainer } from './grpo-trainer.js'
import { setAccuracies } from './held-out.js'
import { evaluationLimit } from './recipe/limits.js'
import { type LoadedRecipe, type Recipe, recipeToYaml } from './recipe/recipe.js'
import { RunDirectory, requireFree } from './run-directory.js'
import { StageRows } from './stage-rows.js'

export interface RunOptions {
  /** The run's directory, made here; it must be new or empty. */
  out: string
  signal?: AbortSignal | undefined
}

/** Runs the recipe to its end. Throws what went wrong; what the directory holds by then stays. */
export async function* runRecipe(loaded: LoadedRecipe, options: RunOptions): AsyncGenerator<RunEvent> {
  const { recipe } = loaded
  await requireFree(options.out)
  const data = await buildData(loaded)
  const tokenizer = await buildTokenizer(loaded)
  using model = await buildModel(loaded, tokenizer)
  await requirePrompts(recipe, data.rows, tokenizer)
  await requireStageRows(recipe, data.train, tokenizer)
  options.signal?.throwIfAborted()
  const directory = await RunDirectory.create(options.out, {
    recipeYaml: recipeToYaml({ ...recipe, data: data.section }),
    versions: versions(recipe),
  })
  try {
    yield startEvent(recipe, model, options.out)
    if (data.badRows.length > 0) yield { type: 'badRows', problems: data.badRows }
    yield* new RecipeRun({ recipe, data, model, tokenizer, directory, signal: options.signal }).events()
  } finally {
    await directory.close()
  }
}

interface Parts {
  recipe: Recipe
  data: RunData
  model: Decoder
  tokenizer: Tokenizer
  directory: RunDirectory
  signal: AbortSignal | undefined
}

class RecipeRun {
  readonly #parts: Parts
  readonly #engine: RolloutEngine
  readonly #phases: PhaseReport[] = []
  readonly #started = performance.now()
  /** Graded answers of the base and of the latest phase. */
  #base: GradedAnswer[][] = []
  #latest: GradedAnswer[][] = []

  constructor(parts: Parts) {
    this.#parts = parts
    const { model, tokenizer, recipe } = parts
    this.#engine = new RolloutEngine(model, tokenizer, { cacheBytes: recipe.rollout.cacheBytes })
  }

  async *events(): AsyncGenerator<RunEvent> {
    const { directory } = this.#parts
    yield* this.#distill()
    yield* this.#evaluate('base', undefined)
    this.#base = this.#latest
    yield* this.#train()
    await directory.writeModel((folder) => saveModel(folder, this.#parts))
    const example = this.#example()
    if (example) yield example
    yield { type: 'summary', run: directory.path, phases: this.#phases, seconds: this.#seconds() }
  }

  async *#distill(): AsyncGenerator<RunEvent> {
    const { recipe, data, model, tokenizer, signal } = this.#parts
    const section = recipe.distill
    if (!section || !data.synthetic) return
    const started = performance.now()
    let numTokens = 0
    const parts = { model, tokenizer, source: data.synthetic, turn: recipe.data.prompt }
    let last: DistillStep | undefined
    for await (const step of distillByRecipe(section, parts, { signal })) {
      last = step
      numTokens += step.numTokens
      const seconds = (performance.now() - started) / 1000
      const { maxSteps } = section
      yield {
        type: 'distill',
        step: step.step,
        maxSteps,
        loss: step.loss,
        tokensPerSecond: numTokens / seconds,
        seconds,
      }
    }
    if (!section.until || !last?.level) return
    const { meanLoss, isReached: isLevelReached } = last.level
    yield { type: 'distillEnd', step: last.step, level: section.until.loss, meanLoss, isLevelReached }
  }

  async *#train(): AsyncGenerator<RunEvent> {
    const { recipe, data, model, tokenizer, directory, signal } = this.#parts
    const { stages } = recipe.schedule
    const [beta1, beta2] = recipe.optimizer.betas
    const { cacheBytes: _, ...sampling } = recipe.rollout
    using optimizer = new AdamW(model.parameters(), { ...recipe.optimizer, beta1, beta2 })
    const trainer = new GrpoTrainer({
      ...{ model, tokenizer, optimizer, engine: this.#engine, out: directory, seed: recipe.seed },
      ...sampling,
      ...recipe.objective,
      learningRateSchedule: recipe.optimizer.learningRateSchedule,
      data: data.train,
      turn: recipe.data.prompt,
      reward: rewardOf(recipe),
      rewardDeadlineMs: recipe.reward.deadlineMs,
      maxMissingShare: recipe.reward.maxMissingShare,
      schedule: contextSchedule(stages),
    })
    yield stageEvent(stages, 0, 'the first stage')
    for await (const { stageEnd, nextStage, ...metrics } of trainer.run({ signal })) {
      yield { type: 'step', ...metrics }
      if (stageEnd === undefined) continue
      yield* this.#evaluate(`stage ${metrics.stage + 1}`, metrics.maxResponseTokens)
      if (nextStage !== undefined) yield stageEvent(stages, nextStage, stageEnd)
      else if (metrics.stage + 1 < stages.length) yield { type: 'runEnd', why: stageEnd }
    }
  }

  /** Every phase answers the same problems at one limit; a shorter limit is a cut of the same answers. */
  async *#evaluate(name: string, ownLimit: number | undefined): AsyncGenerator<RunEvent> {
    const { recipe, data, tokenizer, directory, signal } = this.#parts
    const started = performance.now()
    const before = this.#latest
    this.#latest = await evaluate(
      { engine: this.#engine, tokenizer },
      {
        rows: data.heldOut.rows,
        turn: recipe.data.prompt,
        reward: rewardOf(recipe),
        rewardDeadlineMs: recipe.reward.deadlineMs,
        samplesPerProblem: recipe.evaluation.samplesPerProblem,
        maxResponseTokens: evaluationLimit(recipe),
        maxPromptTokens: recipe.rollout.maxPromptTokens,
        temperature: recipe.evaluation.temperature ?? recipe.rollout.temperature,
        topK: recipe.evaluation.topK,
        topP: recipe.evaluation.topP,
        seed: new RandomStream(recipe.seed, 'held-out evaluation').word(),
        signal,
      },
    )
    const { passAt1, standardError, meanTokens, truncatedShare } = summarize(this.#latest)
    const phase: PhaseReport = {
      ...{ name, passAt1, standardError, meanTokens, truncatedShare },
      ...(ownLimit !== undefined && {
        atOwnLimit: { before: accuracyAt(before, ownLimit), after: accuracyAt(this.#latest, ownLimit) },
      }),
      ...(data.heldOut.sets.length > 0 && { sets: setAccuracies(data.heldOut.sets, this.#latest) }),
      seconds: (performance.now() - started) / 1000,
    }
    this.#phases.push(phase)
    await directory.writePhases(this.#phases)
    yield { type: 'phase', phase }
  }

  /** A problem of middling length that the base got wrong, though it came to an end, and the trained model right. */
  #example(): RunEvent | undefined {
    const { rows } = this.#parts.data.heldOut
    const candidates = rows.map((row, i) => ({ row, before: this.#base[i]?.[0], after: this.#latest[i]?.[0] }))
    const telling = candidates.filter(
      ({ before, after }) => before?.isFinished && before.reward !== 1 && after?.reward === 1,
    )
    telling.sort((a, b) => (a.before?.numTokens ?? 0) - (b.before?.numTokens ?? 0))
    const shown = telling[Math.floor(telling.length / 2)] ?? candidates[0]
    if (!shown?.before || !shown.after) return undefined
    const { row, before, after } = shown
    return {
      type: 'example',
      problem: row.problem.trim(),
      expected: [row.answer ?? ''].flat().join(' or '),
      before: this.#exampleAnswer(before),
      after: this.#exampleAnswer(after),
    }
  }

  #exampleAnswer({ text, reward, numTokens }: GradedAnswer): ExampleAnswer {
    const { tokenizer } = this.#parts
    const ends = tokenizer.eosIds.map((id) => tokenizer.decode([id]))
    const end = ends.find((end) => text.endsWith(end)) ?? ''
    return { text: text.slice(0, text.length - end.length).trim(), reward, numTokens }
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000
  }
}

const rewardOf = ({ reward: { mode, needsThinkingClosed } }: Recipe): Reward =>
  mathReward({ mode, needsThinkingClosed })

function accuracyAt(problems: GradedAnswer[][], maxResponseTokens: number): AccuracyAtLimit {
  const { passAt1, standardError } = summarize(cutAt(problems, maxResponseTokens))
  return { maxResponseTokens, passAt1, standardError }
}

const stageEvent = (stages: Recipe['schedule']['stages'], stage: number, why: string): RunEvent => ({
  type: 'stage',
  stage,
  maxResponseTokens: stages[stage]?.maxResponseTokens ?? 0,
  why,
})

function startEvent(recipe: Recipe, model: Decoder, run: string): RunEvent {
  const numParameters = model.parameters().reduce((sum, parameter) => sum + parameter.numElements, 0)
  const { device } = recipe
  return { type: 'start', run, recipe: recipe.name, numParameters, device, numThreads: numThreads(), target: target() }
}

const versions = (recipe: Recipe): object => ({
  lengthen: packageVersion,
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  device: recipe.device,
  kernels: target(),
})

/** A prompt that is too long is found before anything is written. */
async function requirePrompts({ data, rollout }: Recipe, rows: readonly Row[], tokenizer: Tokenizer): Promise<void> {
  const options = { turn: data.prompt, tokenizer, maxTokens: rollout.maxPromptTokens }
  for (let i = 0; i < rows.length; i += rowsAtOnce) await promptsOf(rows.slice(i, i + rowsAtOnce), options)
}

/** So is a stage that selects no row. */
async function requireStageRows({ data, rollout, schedule }: Recipe, train: ProblemSource, tokenizer: Tokenizer) {
  const { maxPromptTokens } = rollout
  await new StageRows(train, { stages: schedule.stages, tokenizer, turn: data.prompt, maxPromptTokens }).prepare()
}

const rowsAtOnce = 1000
