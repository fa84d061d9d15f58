// Supervised fine-tuning: next-token training on conversations, the loss on the answers alone. Between two steps everything can be
// saved, and a run that was killed goes on from there.
import type { ChatExample } from '../../data/chat/example.js'
import { numInputTokensOf, numLearnedTokensOf } from '../../data/chat/example.js'
import { LossError } from '../../grpo/objective.js'
import { saveModel } from '../../models/save.js'
import { scheduledRate } from '../../optim/learning-rate.js'
import { RandomStream } from '../../random.js'
import { keptTensors, restoreTensors } from '../checkpoint/kept-tensors.js'
import { BatchOrder } from './batch-order.js'
import type { SftEvaluation, SftStep, SftTrainerEvent } from './events.js'
import { accumulateSftGradients, type BatchResult } from './gradients.js'
import { type HeldOutLoss, heldOutLoss } from './held-out-loss.js'
import { type SftSettings, type SftTrainerOptions, sftSettings } from './options.js'
import { type KeptSftState, SftDirectory } from './sft-directory.js'
import { type SftState, sftStart } from './state.js'

/** How a run is ended from outside. */
export interface SftSignals {
  /** Ends the run at once, with the signal's reason thrown: what came after the last checkpoint is done again when it is resumed. */
  signal?: AbortSignal | undefined
  /** Ends the run after the step under way, with a checkpoint; run() then throws the signal's reason. */
  stop?: AbortSignal | undefined
}

/** Aborted when one of them is. */
export const eitherOf = ({ signal, stop }: SftSignals): AbortSignal =>
  AbortSignal.any([signal, stop].filter((one) => one !== undefined))

/** Trains a model by next-token prediction on conversations, the loss on the tokens of their answers alone. */
export class SftTrainer {
  readonly #options: SftSettings
  readonly #order: BatchOrder
  readonly #dropoutSeed: number
  #state: SftState = sftStart
  /** The state that the last checkpoint holds. */
  #saved: SftState | undefined
  #directory: SftDirectory | undefined

  /**
   * Checks the options and fills in those that are left out.
   * @throws {@link ArgumentError} where a number is out of its range, there is no example, or one has more tokens than the model has positions.
   */
  constructor(options: SftTrainerOptions) {
    this.#options = sftSettings(options)
    const { examples, seed } = this.#options
    this.#order = new BatchOrder(examples.map(numInputTokensOf), this.#options)
    this.#dropoutSeed = new RandomStream(seed, 'dropout').word()
  }

  /** Of the whole run, unless patience ends it before. */
  get numSteps(): number {
    return Math.min(this.#order.numSteps, this.#options.maxSteps)
  }

  /** Where the run stands; after run() has ended, where it ended. */
  get state(): Readonly<SftState> {
    return this.#state
  }

  /**
   * Steps and evaluations until the last; between two of them the weights rest, and may be saved. In a directory that was reopened the
   * run goes on from its last checkpoint that is whole. The optimizer's learning rate is put back at the end.
   * @throws {@link LossError} where a loss or a gradient is no number.
   * @throws {@link CheckpointError} where a checkpoint could not be written.
   */
  async *run({ signal, stop }: SftSignals = {}): AsyncGenerator<SftTrainerEvent> {
    const { out, optimizer } = this.#options
    const peak = optimizer.learningRate
    this.#directory = typeof out === 'string' ? await SftDirectory.create(out) : out
    try {
      if (this.#directory?.isReopened) yield await this.#resume(this.#directory)
      yield* this.#events(peak, { signal, stop })
      await this.#directory?.settled()
    } finally {
      optimizer.learningRate = peak
      optimizer.zeroGrad()
      if (typeof out === 'string') await this.#directory?.close()
    }
  }

  async *#events(peak: number, { signal, stop }: SftSignals): AsyncGenerator<SftTrainerEvent> {
    for (;;) {
      signal?.throwIfAborted()
      if (stop?.aborted) return this.#stop(stop)
      if (this.#isEvaluationDue()) {
        const evaluation = await this.#evaluate({ signal, stop })
        if (!evaluation) continue // stopped: it is made again when the run goes on
        yield { type: 'evaluation', ...evaluation }
      }
      const isOver = this.#isOver()
      if (isOver || this.#isCheckpointDue()) await this.#save()
      if (isOver) return this.#writeModel('model')
      if (!stop?.aborted) yield { type: 'step', ...(await this.#step(peak, signal)) }
    }
  }

  #isEvaluationDue(): boolean {
    const { heldOut, evaluateEverySteps } = this.#options
    const { step, evaluated } = this.#state
    const isTime = step % evaluateEverySteps === 0 || step >= this.numSteps
    return heldOut.length > 0 && isTime && evaluated?.step !== step
  }

  #isCheckpointDue(): boolean {
    const { step } = this.#state
    return step > 0 && step % this.#options.checkpointEverySteps === 0
  }

  #isOver(): boolean {
    return this.#state.step >= this.numSteps || this.#state.numWithoutGain >= this.#options.patience
  }

  async #step(peak: number, signal: AbortSignal | undefined): Promise<SftStep> {
    const started = performance.now()
    const { optimizer, examples, learningRateSchedule } = this.#options
    const { step, numMicroBatches } = this.#state
    const { epoch, indices } = this.#order.at(step)
    const batch = indices.map((index) => examples[index] as ChatExample)
    const { warmupSteps = 0 } = learningRateSchedule
    // A run that is over before its warm-up is only that.
    const steps = Math.max(this.numSteps, warmupSteps)
    const learningRate = scheduledRate(step, peak, { steps, ...learningRateSchedule })
    optimizer.learningRate = learningRate
    const { loss, gradientNorm, ...result } = await this.#update(batch, signal)
    this.#state = {
      ...this.#state,
      step: step + 1,
      numOptimizerSteps: optimizer.numSteps,
      numMicroBatches: numMicroBatches + result.numMicroBatches,
    }
    const seconds = (performance.now() - started) / 1000
    const numTokens = sumOf(batch, numInputTokensOf)
    const metrics: SftStep = {
      ...{ step: step + 1, epoch: epoch + 1, loss, gradientNorm, learningRate, numExamples: batch.length, numTokens },
      ...{ numLearnedTokens: sumOf(batch, numLearnedTokensOf), tokensPerSecond: numTokens / seconds, seconds },
    }
    await this.#directory?.record({ type: 'step', ...metrics })
    return metrics
  }

  async #update(
    batch: readonly ChatExample[],
    signal: AbortSignal | undefined,
  ): Promise<BatchResult & { gradientNorm: number }> {
    const { model, optimizer, tokensPerMicroBatch, useRecompute, maxGradNorm } = this.#options
    const { step, numMicroBatches } = this.#state
    const seed = this.#dropoutSeed
    const hasDropout = (model.lora?.dropout ?? 0) > 0
    optimizer.zeroGrad()
    const result = await accumulateSftGradients(model, batch, {
      ...{ tokensPerMicroBatch, useRecompute, signal },
      ...(hasDropout && { dropout: (index: number) => ({ seed, call: numMicroBatches + index }) }),
    })
    using norm = optimizer.step({ maxGradNorm })
    optimizer.zeroGrad()
    const gradientNorm = await norm.item()
    if (Number.isFinite(gradientNorm)) return { ...result, gradientNorm }
    throw new LossError(`[sft] the gradient's norm is ${gradientNorm} at step ${step + 1}; no weight was changed`)
  }

  /** Undefined where it was stopped. */
  async #evaluate(signals: SftSignals): Promise<SftEvaluation | undefined> {
    const started = performance.now()
    const { step, best, numWithoutGain } = this.#state
    const measured = await this.#heldOutLoss(signals)
    if (!measured) return undefined
    const isBest = best === null || measured.loss < best.loss
    if (isBest && step > 0) await this.#writeModel('best')
    const evaluated = { step, loss: measured.loss }
    this.#state = {
      ...this.#state,
      evaluated,
      best: isBest ? evaluated : best,
      numWithoutGain: isBest ? 0 : numWithoutGain + 1,
    }
    const evaluation = { step, ...measured, isBest, seconds: (performance.now() - started) / 1000 }
    await this.#directory?.record({ type: 'evaluation', ...evaluation })
    return evaluation
  }

  async #heldOutLoss({ signal, stop }: SftSignals): Promise<HeldOutLoss | undefined> {
    const { model, heldOut, tokensPerMicroBatch } = this.#options
    try {
      return await heldOutLoss(model, heldOut, { tokensPerMicroBatch, signal: eitherOf({ signal, stop }) })
    } catch (error) {
      if (stop?.aborted && !signal?.aborted) return undefined
      throw error
    }
  }

  async #writeModel(name: 'best' | 'model'): Promise<void> {
    const { model, tokenizer, saving } = this.#options
    const parts = { model, ...(tokenizer && { tokenizer }), ...saving }
    await this.#directory?.writeModel(name, (folder) => saveModel(folder, parts))
  }

  /** A checkpoint of now, whole before this throws. */
  async #stop(stop: AbortSignal): Promise<never> {
    await this.#save()
    await this.#directory?.settled()
    throw stop.reason
  }

  async #save(): Promise<void> {
    if (this.#saved === this.#state) return
    const { model, optimizer } = this.#options
    this.#saved = this.#state
    await this.#directory?.save(this.#state, keptTensors({ model, optimizer, reference: undefined }))
  }

  async #resume(directory: SftDirectory): Promise<SftTrainerEvent> {
    const { model, optimizer } = this.#options
    const { checkpoint, damaged, warnings } = await directory.resume()
    if (checkpoint) {
      const { trainer } = checkpoint.state as KeptSftState
      await restoreTensors(checkpoint, { model, optimizer, reference: undefined }, trainer)
      this.#state = trainer
      this.#saved = trainer
    }
    const passedOver = damaged.map(({ folder, why }) => `${folder}: ${why}`)
    return { type: 'resumed', step: this.#state.step, damaged: passedOver, warnings: [...warnings] }
  }
}

const sumOf = (examples: readonly ChatExample[], of: (example: ChatExample) => number): number =>
  examples.reduce((sum, example) => sum + of(example), 0)
