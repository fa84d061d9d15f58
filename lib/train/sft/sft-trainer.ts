// Supervised fine-tuning: next-token training on conversations, the loss on the answers alone.
import { type ChatExample, numInputTokensOf, numLearnedTokensOf } from '../../data/chat/example.js'
import { LossError } from '../../grpo/objective.js'
import { saveModel } from '../../models/save.js'
import { scheduledRate } from '../../optim/learning-rate.js'
import { RandomStream } from '../../random.js'
import type { Damage, LoadedCheckpoint } from '../checkpoint/content.js'
import { keptTensors, restoreTensors } from '../checkpoint/kept-tensors.js'
import { BatchOrder } from './batch-order.js'
import type { SftEvaluation, SftStep, SftTrainerEvent } from './events.js'
import { accumulateSftGradients } from './gradients.js'
import { heldOutLoss } from './held-out-loss.js'
import { type SftSettings, type SftTrainerOptions, sftSettings } from './options.js'
import { type KeptSftState, SftDirectory } from './sft-directory.js'
import { type SftState, sftStart } from './state.js'

export class SftTrainer {
  readonly #options: SftSettings
  readonly #order: BatchOrder
  readonly #dropoutSeed: number
  #state: SftState = sftStart
  #directory: SftDirectory | undefined
  #damaged: readonly Damage[] = []

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

  /** Where the run stands: after run() has ended, where it ended. */
  get state(): Readonly<SftState> {
    return this.#state
  }

  /** Checkpoints that a resumed run has passed over, since they are not as they were written. */
  get damagedCheckpoints(): readonly Damage[] {
    return this.#damaged
  }

  /**
   * Steps and evaluations until the last. Between two of them the weights rest, and may be saved. An abort ends the run before
   * its next step, with a checkpoint where there is a directory; one that was reopened goes on from its last checkpoint.
   */
  async *run({ signal }: { signal?: AbortSignal | undefined } = {}): AsyncGenerator<SftTrainerEvent> {
    const { out, optimizer } = this.#options
    const peak = optimizer.learningRate
    this.#directory = typeof out === 'string' ? await SftDirectory.create(out) : out
    try {
      await this.#resume()
      yield* this.#events(peak, signal)
      await this.#directory?.settled()
    } finally {
      optimizer.learningRate = peak
      if (typeof out === 'string') await this.#directory?.close()
    }
  }

  async *#events(peak: number, signal: AbortSignal | undefined): AsyncGenerator<SftTrainerEvent> {
    for (;;) {
      if (signal?.aborted) await this.#stop(signal)
      const evaluation = await this.#evaluateIfDue(signal)
      if (evaluation) yield { type: 'evaluation', ...evaluation }
      const isOver = this.#isOver()
      if (isOver || this.#isCheckpointDue()) await this.#keep()
      if (isOver) return this.#writeModel('model')
      yield { type: 'step', ...(await this.#step(peak)) }
    }
  }

  #isOver(): boolean {
    return this.#state.step >= this.numSteps || this.#state.numWithoutGain >= this.#options.patience
  }

  #isCheckpointDue(): boolean {
    const { step } = this.#state
    return step > 0 && step % this.#options.checkpointEverySteps === 0
  }

  async #step(peak: number): Promise<SftStep> {
    const started = performance.now()
    const { optimizer, examples, learningRateSchedule, maxGradNorm } = this.#options
    const { step, numMicroBatches } = this.#state
    const { epoch, indices } = this.#order.at(step)
    const batch = indices.map((index) => examples[index] as ChatExample)
    optimizer.learningRate = scheduledRate(step, peak, { steps: this.numSteps, ...learningRateSchedule })
    optimizer.zeroGrad()
    const result = await this.#accumulate(batch, numMicroBatches)
    using norm = optimizer.step({ maxGradNorm })
    optimizer.zeroGrad()
    const gradientNorm = await norm.item()
    if (!Number.isFinite(gradientNorm))
      throw new LossError(`[sft] the gradient's norm is ${gradientNorm} at step ${step + 1}; no weight was changed`)
    this.#state = {
      ...this.#state,
      step: step + 1,
      numOptimizerSteps: optimizer.numSteps,
      numMicroBatches: numMicroBatches + result.numMicroBatches,
    }
    const seconds = (performance.now() - started) / 1000
    const numTokens = sumOf(batch, numInputTokensOf)
    const metrics: SftStep = {
      ...{ step: step + 1, epoch: epoch + 1, loss: result.loss, gradientNorm, learningRate: optimizer.learningRate },
      ...{ numExamples: batch.length, numTokens, numLearnedTokens: sumOf(batch, numLearnedTokensOf) },
      ...{ tokensPerSecond: numTokens / seconds, seconds },
    }
    await this.#directory?.record({ type: 'step', ...metrics })
    return metrics
  }

  #accumulate(batch: readonly ChatExample[], numMicroBatches: number) {
    const { model, tokensPerMicroBatch, useRecompute } = this.#options
    const seed = this.#dropoutSeed
    const hasDropout = (model.lora?.dropout ?? 0) > 0
    return accumulateSftGradients(model, batch, {
      ...{ tokensPerMicroBatch, useRecompute },
      ...(hasDropout && { dropout: (index: number) => ({ seed, call: numMicroBatches + index }) }),
    })
  }

  async #evaluateIfDue(signal: AbortSignal | undefined): Promise<SftEvaluation | undefined> {
    const { heldOut, evaluateEverySteps } = this.#options
    const { step, evaluatedStep } = this.#state
    const isDue = step % evaluateEverySteps === 0 || step >= this.numSteps
    if (heldOut.length === 0 || !isDue || evaluatedStep === step) return undefined
    try {
      return await this.#evaluate(signal)
    } catch (error) {
      if (signal?.aborted) await this.#stop(signal)
      throw error
    }
  }

  async #evaluate(signal: AbortSignal | undefined): Promise<SftEvaluation> {
    const started = performance.now()
    const { model, heldOut, tokensPerMicroBatch } = this.#options
    const { step, best, numWithoutGain } = this.#state
    const measured = await heldOutLoss(model, heldOut, { tokensPerMicroBatch, signal })
    const isBest = best === null || measured.loss < best.loss
    if (isBest && step > 0) await this.#writeModel('best')
    this.#state = {
      ...this.#state,
      evaluatedStep: step,
      best: isBest ? { step, loss: measured.loss } : best,
      numWithoutGain: isBest ? 0 : numWithoutGain + 1,
    }
    const evaluation = { step, ...measured, isBest, seconds: (performance.now() - started) / 1000 }
    await this.#directory?.record({ type: 'evaluation', ...evaluation })
    return evaluation
  }

  async #writeModel(name: 'best' | 'model'): Promise<void> {
    const { model, tokenizer, saving } = this.#options
    const parts = { model, ...(tokenizer && { tokenizer }), ...saving }
    await this.#directory?.writeModel(name, (folder) => saveModel(folder, parts))
  }

  /** A checkpoint of now, whole before it throws. */
  async #stop(signal: AbortSignal): Promise<never> {
    await this.#keep()
    await this.#directory?.settled()
    throw signal.reason
  }

  async #keep(): Promise<void> {
    const { model, optimizer } = this.#options
    if (this.#keptStep === this.#state) return
    this.#keptStep = this.#state
    await this.#directory?.save(this.#state, keptTensors({ model, optimizer, reference: undefined }))
  }

  /** The state that the last checkpoint holds. */
  #keptStep: SftState | undefined

  async #resume(): Promise<void> {
    const found = await this.#directory?.resume()
    this.#damaged = found?.damaged ?? []
    if (found?.checkpoint) await this.#restore(found.checkpoint)
  }

  async #restore(checkpoint: LoadedCheckpoint): Promise<void> {
    const { model, optimizer } = this.#options
    const { trainer } = checkpoint.state as KeptSftState
    const { numOptimizerSteps } = trainer
    await restoreTensors(checkpoint, { model, optimizer, reference: undefined }, { numOptimizerSteps })
    this.#state = trainer
    this.#keptStep = trainer
  }
}

const sumOf = (examples: readonly ChatExample[], of: (example: ChatExample) => number): number =>
  examples.reduce((sum, example) => sum + of(example), 0)
