// Runs small pieces of a recipe's model on this machine and times them: about a minute at most.
import { loadavg } from 'node:os'
import { numThreads } from '../../../device.js'
import type { Decoder } from '../../../models/decoder.js'
import { engineDefaults } from '../../../rollout/cache-size.js'
import type { TextCodec } from '../../../rollout/request.js'
import type { Tokenizer } from '../../../tokenizer/tokenizer.js'
import { type ModelShape, numParameters } from '../../model-shape.js'
import type { Recipe } from '../../recipe/recipe.js'
import { adapterParameters } from '../adapters.js'
import { numSetsOf } from '../evaluation-size.js'
import type { Expectation } from '../expectation.js'
import { microBatchTokens } from '../memory.js'
import type { StagePlan } from '../plan.js'
import type { Calibration, PieceTimes } from './calibration.js'
import { combined } from './combine.js'
import { measureDecoding } from './measure-decoding.js'
import { gradingTimes, promptTime, updateTime } from './measure-overheads.js'
import { measurePasses } from './measure-passes.js'
import { type Slice, sliceModel, slicesOf } from './piece-model.js'
import type { Timing } from './stopwatch.js'

export interface CalibrateParts {
  recipe: Recipe
  shape: ModelShape
  stages: readonly StagePlan[]
  expectation: Expectation
  tokenizer?: Tokenizer | undefined
}

/** For the passes and the decoding of all slices; grading and prompts take some seconds besides. */
const defaultBudget = 28

export async function calibrate(
  parts: CalibrateParts,
  { signal, budgetSeconds = defaultBudget }: { signal?: AbortSignal | undefined; budgetSeconds?: number } = {},
): Promise<Calibration> {
  const started = performance.now()
  const [load = 0] = loadavg()
  const slices = slicesOf(parts.shape)
  const timings: Timing[] = []
  const pieces: PieceTimes[] = []
  for (const slice of slices)
    pieces.push(await measureSlice(parts, slice, { seconds: budgetSeconds / slices.length, timings, signal }))
  const overheads = {
    perPrompt: await promptTime(parts.recipe, parts.tokenizer, signal),
    ...(await gradingTimes(parts.recipe, signal)),
  }
  return {
    pieces: wholeOf(parts, slices, pieces),
    ...overheads,
    measuredAt: new Date().toISOString(),
    seconds: (performance.now() - started) / 1000,
    spread: timings.reduce((sum, { spread }) => sum + spread, 0) / timings.length,
    load: process.platform === 'linux' ? load / numThreads() : null,
    what: slices.length === 1 ? 'the whole model' : 'slices of one and two layers',
  }
}

interface SliceOf {
  /** That it may take, about. */
  seconds: number
  timings: Timing[]
  signal: AbortSignal | undefined
}

async function measureSlice(
  parts: CalibrateParts,
  slice: Slice,
  { seconds, timings, signal }: SliceOf,
): Promise<PieceTimes> {
  const sizes = sizesOf(parts)
  using model = sliceModel(parts.recipe, parts.shape, { slice, maxPositions: sizes.longest + 64 })
  const passes = await measurePasses(model, sizes, {
    useRecompute: parts.recipe.objective.useRecompute,
    budgetSeconds: 0.57 * seconds,
    signal,
  })
  const decoding = await measureDecoding(
    model,
    codecFor(model, parts.tokenizer),
    { ...sizes, longContext: Math.min(sizes.longest, 1024), budgetSeconds: 0.43 * seconds },
    signal,
  )
  const update = await updateTime(model, parts.recipe, signal)
  timings.push(...passes.timings, ...decoding.timings, update)
  const { decode, perCachedToken, perProgram } = decoding
  const { score, train } = passes
  // A prompt's forward gives one row; pairs of tokens cost as in scoring.
  const prefill = { ...score, ...decoding.prefill }
  return { decode, perCachedToken, perProgram, prefill, score, train, update: update.seconds }
}

/** The first stage's sequences are common, those of the longest limit are long, up to what a minute has time for. */
export function sizesOf({ recipe, stages, expectation }: CalibrateParts) {
  const [first] = stages as [StagePlan]
  const limit = Math.max(...stages.map((stage) => stage.maxResponseTokens))
  const promptTokens = Math.min(256, Math.max(1, Math.round(expectation.promptTokens)))
  const { mean } = expectation.lengths(0, first.maxResponseTokens)
  const { numProblems, samplesPerProblem } = recipe.evaluation
  const ofSteps = stages.map((stage) => stage.promptsPerStep * stage.numAnswers)
  const mostAnswers = Math.max(numSetsOf(recipe) * numProblems * samplesPerProblem, ...ofSteps)
  return {
    promptTokens,
    answerTokens: Math.min(256, Math.max(2, Math.round(mean))),
    longest: Math.min(2048, Math.max(promptTokens + 2, promptTokens + limit)),
    maxTokens: Math.max(...stages.map((stage) => microBatchTokens(recipe, stage, 1))),
    mostSequences: Math.min(engineDefaults.maxBatch, mostAnswers),
  }
}

/** Without a tokenizer answers have no text. */
const codecFor = ({ config }: Decoder, tokenizer: Tokenizer | undefined): TextCodec =>
  tokenizer ?? { vocabSize: config.vocabularySize, eosIds: [], encode: () => [], decode: () => '' }

function wholeOf(
  { recipe, shape }: CalibrateParts,
  slices: readonly Slice[],
  pieces: readonly PieceTimes[],
): PieceTimes {
  const [one, two] = pieces as [PieceTimes, PieceTimes | undefined]
  if (!two) return one
  const [slice] = slices as [Slice]
  const trainedOf = (of: ModelShape) => adapterParameters(recipe, of) || numParameters(of)
  return combined(one, two, {
    numLayers: shape.numLayers,
    vocabulary: shape.vocabularySize / slice.vocabularySize,
    trained: trainedOf(shape) / trainedOf({ ...shape, ...slice, isHeadTied: true }),
  })
}
