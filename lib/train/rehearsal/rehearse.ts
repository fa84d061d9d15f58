// Before the first step: each stage's worst batch once, so that what would run out of memory at step 900 fails in the first minute.
// Nothing of a run's state changes.

import { requireArrays, requireObjects } from '../../arguments.js'
import { memoryStats, resetPeakMemory } from '../../device.js'
import type { Decoder } from '../../models/decoder.js'
import type { AdamW } from '../../optim/adamw.js'
import type { RolloutEngine } from '../../rollout/engine.js'
import type { RolloutLoad } from '../../rollout/rehearsal.js'
import type { Stage } from '../../schedule/stage.js'
import { keptTensors } from '../checkpoint/kept-tensors.js'
import { objectiveOf } from '../objective.js'
import { type PolicyReference, policyReference } from '../policy-reference.js'
import { settingsOf } from '../stage-settings.js'
import { Placeholders } from './placeholders.js'
import { evaluationRemedies, rolloutRemedies, standingRemedies, updateRemedies } from './remedies.js'
import { type RehearsalOptions, type RehearsalSettings, rehearsalSettings } from './settings.js'
import { withPlace } from './shortage.js'
import { rehearseUpdate, type UpdateLoad } from './update-load.js'
import { smallestBatch, worstBatch } from './worst-batch.js'

/** What one stage, or the evaluation, took at its worst. */
export interface StageRehearsal {
  /** From 0; null: the held-out evaluation. */
  stage: number | null
  /** Its limit on an answer, which the rehearsed ones are as long as. */
  maxResponseTokens: number
  /** Of all that is in memory while answers are sampled, at most. */
  rolloutPeakBytes: number
  /** While the model learns from them; 0 in the evaluation. */
  updatePeakBytes: number
  /** The greater of the two: all memory of the device that this process uses, at most. */
  peakBytes: number
  /** That the rehearsal itself took. */
  seconds: number
}

/** What is rehearsed, as a trainer has it. */
export interface RehearsalParts {
  /** The policy; its weights stay as they are. */
  model: Decoder
  /** Of the parameters that are trained; no step is made, and no moment stays. */
  optimizer: AdamW
  /** Over the same model; its cache is made and given back. */
  engine: RolloutEngine
}

/**
 * The worst batch of every stage, in order, and of the evaluation at the end: an update's largest micro-batch, forward and backward;
 * then the first prefill and a decode step against a whole cache. Moments, the reference and a checkpoint's copies are in memory
 * meanwhile, as they will be.
 * @param parts What the run trains, steps and samples with.
 * @throws {@link OutOfMemoryError} which names the stage, and the keys of a recipe that ask for less.
 * @throws {@link ArgumentError} one, which tells of every option that is wrong.
 */
export async function* rehearse(
  parts: RehearsalParts,
  stages: readonly Stage[],
  options: RehearsalOptions = {},
): AsyncGenerator<StageRehearsal> {
  requireObjects('rehearsal', { parts, options })
  requireArrays('rehearsal', { stages })
  const settings = rehearsalSettings(options)
  using standing = new Placeholders()
  using reference = needsReference(stages, settings) ? policyReference(parts.model) : undefined
  const about = { ...parts, reference, settings }
  await takeStanding(standing, about)
  for (const [index, stage] of stages.entries()) yield await rehearseStage(index, stage, about)
  if (settings.evaluation) yield await rehearseEvaluation(settings.evaluation, about)
}

interface About extends RehearsalParts {
  reference: PolicyReference | undefined
  settings: RehearsalSettings
}

const needsReference = (stages: readonly Stage[], { klWeight }: RehearsalSettings): boolean =>
  stages.some((stage) => (stage.klWeight ?? klWeight) > 0)

/** Moments that steps will make, what a checkpoint copies, and the weights' copies for the kernels. */
async function takeStanding(standing: Placeholders, { model, optimizer, reference, settings }: About): Promise<void> {
  const { hasSnapshot } = settings
  const moments = optimizer.reserveMoments()
  standing.hold(moments)
  const kept = hasSnapshot ? Object.values(keptTensors({ model, optimizer, reference })) : []
  for (const tensors of kept) standing.holdLike(tensors.values())
  if (hasSnapshot) standing.holdLike(moments)
  try {
    await standing.ready()
    // The copies of the weights in the order of the kernels, which stay once they are made.
    await rehearseUpdate(
      { model, optimizer, reference },
      { ...loadOf(settings), batch: smallestBatch, maxResponseTokens: 1 },
    )
  } catch (error) {
    const what = 'what is kept beside the weights: moments, the reference and a copy for checkpoints'
    throw withPlace(error, { place: 'before the first step', what, remedies: standingRemedies(optimizer) })
  }
}

async function rehearseStage(index: number, stage: Stage, about: About): Promise<StageRehearsal> {
  const run = { ...about.settings, ...settingsOf(stage, about.settings) }
  const { maxResponseTokens } = stage
  const place = `stage ${index + 1} (${maxResponseTokens} tokens)`
  const started = performance.now()
  const updatePeakBytes = await peakOf(about, () => updateOf(place, stage, { ...about, settings: run }))
  const { promptsPerStep: numPrompts, numAnswers, temperature, topK, topP, signal } = run
  const numPromptTokens = longestPrompt(maxResponseTokens, about)
  const load = {
    numPrompts,
    numAnswers,
    numPromptTokens,
    maxResponseTokens,
    sampling: { temperature, topK, topP },
    signal,
  }
  const rolloutPeakBytes = await peakOf(about, () => sample(about.engine, load, { place, remedies: rolloutRemedies }))
  return resultOf({ stage: index, maxResponseTokens, rolloutPeakBytes, updatePeakBytes, started })
}

async function rehearseEvaluation(
  evaluation: NonNullable<RehearsalSettings['evaluation']>,
  about: About,
): Promise<StageRehearsal> {
  const { numProblems: numPrompts, samplesPerProblem: numAnswers, maxResponseTokens } = evaluation
  const { temperature, topK, topP, signal } = about.settings
  const numPromptTokens = longestPrompt(maxResponseTokens, about)
  const load = {
    numPrompts,
    numAnswers,
    numPromptTokens,
    maxResponseTokens,
    sampling: { temperature, topK, topP },
    signal,
  }
  const place = `the held-out evaluation (${maxResponseTokens} tokens)`
  const started = performance.now()
  const rolloutPeakBytes = await peakOf(about, () =>
    sample(about.engine, load, { place, remedies: evaluationRemedies }),
  )
  return resultOf({ stage: null, maxResponseTokens, rolloutPeakBytes, updatePeakBytes: 0, started })
}

async function updateOf(place: string, { maxResponseTokens }: Stage, about: About): Promise<void> {
  const { model, optimizer, settings } = about
  const { promptsPerStep, numAnswers, miniBatches, tokensPerMicroBatch } = settings
  const batch = worstBatch({
    numSequences: Math.ceil(promptsPerStep / Math.min(miniBatches, promptsPerStep)) * numAnswers,
    maxPromptTokens: longestPrompt(maxResponseTokens, about),
    maxResponseTokens,
    tokensPerMicroBatch,
    vocabularySize: model.config.vocabularySize,
  })
  try {
    await rehearseUpdate(about, { ...loadOf(settings), batch, maxResponseTokens })
  } catch (error) {
    const what = `learning from ${batch.samples.length} answers at once`
    throw withPlace(error, { place, what, remedies: updateRemedies(optimizer, settings, batch) })
  }
}

function loadOf(
  settings: RehearsalSettings,
): Pick<UpdateLoad, 'objective' | 'tokensPerMicroBatch' | 'useRecompute' | 'signal'> {
  const { tokensPerMicroBatch, useRecompute, signal } = settings
  return { objective: objectiveOf(settings), tokensPerMicroBatch, useRecompute, signal }
}

async function sample(
  engine: RolloutEngine,
  load: RolloutLoad,
  { place, remedies }: { place: string; remedies: readonly string[] },
): Promise<void> {
  load.signal?.throwIfAborted()
  try {
    await engine.rehearse(load)
  } catch (error) {
    const what = `sampling ${load.numPrompts * load.numAnswers} answers`
    throw withPlace(error, { place, what, remedies })
  }
}

/** A prompt has the positions that its answer leaves. */
const longestPrompt = (maxResponseTokens: number, { engine, settings }: About): number =>
  Math.max(1, Math.min(settings.maxPromptTokens, engine.maxPositions - maxResponseTokens))

async function peakOf({ model }: About, body: () => Promise<void>): Promise<number> {
  const { device } = model.head
  resetPeakMemory({ device })
  await body()
  return memoryStats({ device }).peakUsedBytes
}

const resultOf = ({ started, ...about }: Omit<StageRehearsal, 'peakBytes' | 'seconds'> & { started: number }) => ({
  ...about,
  peakBytes: Math.max(about.rolloutPeakBytes, about.updatePeakBytes),
  seconds: (performance.now() - started) / 1000,
})
