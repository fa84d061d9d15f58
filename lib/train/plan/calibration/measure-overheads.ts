// What a step does besides running the model: prompts are rendered, answers graded, weights updated.
import { promptsOf } from '../../../data/prompt.js'
import type { Row } from '../../../data/row.js'
import { syntheticSource } from '../../../data/synthetic/generators.js'
import type { Decoder } from '../../../models/decoder.js'
import { add, mul, sum } from '../../../ops/index.js'
import { AdamW } from '../../../optim/adamw.js'
import { mathReward } from '../../../reward/math-reward.js'
import { scoreSamples } from '../../../reward/score.js'
import { scope } from '../../../scope.js'
import type { Tokenizer } from '../../../tokenizer/tokenizer.js'
import { adamwOptions } from '../../adamw-options.js'
import type { Recipe } from '../../recipe/recipe.js'
import { type Timing, timeInTurn } from './stopwatch.js'

const rounds = 3

/** Seconds of one update of the model's weights, by the recipe's optimizer. */
export async function updateTime(
  model: Decoder,
  { optimizer: settings }: Recipe,
  signal?: AbortSignal,
): Promise<Timing> {
  using optimizer = new AdamW(
    model.parameters().filter(({ requiresGrad }) => requiresGrad),
    { ...adamwOptions(settings), moments: settings.moments, learningRate: 0 },
  )
  scope(() => {
    // Gives every parameter a gradient; how large it is does not matter.
    const parts = optimizer.parameters.map((parameter) => sum(mul(parameter, 1e-3)))
    parts.reduce((a, b) => add(a, b)).backward()
  })
  const step = async () => {
    using norm = optimizer.step({ maxGradNorm: 1 })
    await norm.item()
  }
  const [timing] = await timeInTurn([step], { rounds, signal })
  optimizer.zeroGrad()
  return timing as Timing
}

/** Seconds that a prompt takes from a row to tokens; 0 without a tokenizer. */
export async function promptTime(
  recipe: Recipe,
  tokenizer: Tokenizer | undefined,
  signal?: AbortSignal,
): Promise<number> {
  if (!tokenizer) return 0
  const rows = sampleRows(recipe).map(({ row }) => row)
  const turn = recipe.data.prompt
  const once = async () => {
    await promptsOf(rows, { turn, tokenizer, maxTokens: Number.MAX_SAFE_INTEGER })
  }
  const [timing] = await timeInTurn([once], { rounds, signal })
  return (timing as Timing).seconds / rows.length
}

export interface GradingTimes {
  perGrading: number
  perGradedAnswer: number
}

/** Of right answers, which take no longer than others. */
export async function gradingTimes(recipe: Recipe, signal?: AbortSignal): Promise<GradingTimes> {
  const { mode, needsThinkingClosed } = recipe.reward
  const reward = mathReward({ mode, needsThinkingClosed })
  const samples = sampleRows(recipe).map(({ row, text }) => ({ row, text }))
  const few = samples.slice(0, 8)
  const score = (graded: typeof samples) => async () => {
    await scoreSamples(reward, graded, { signal })
  }
  const [all, some] = await timeInTurn([score(samples), score(few)], { rounds, signal })
  const perGradedAnswer = Math.max(0, ((all?.seconds ?? 0) - (some?.seconds ?? 0)) / (samples.length - few.length))
  return { perGradedAnswer, perGrading: Math.max(0, (some?.seconds ?? 0) - few.length * perGradedAnswer) }
}

const numSamples = 256

/** Problems with an answer each: the generator's own, or a few of the kinds that data sets have. */
function sampleRows({ data, seed }: Recipe): { row: Row; text: string }[] {
  if (data.synthetic) {
    const worked = syntheticSource(data.synthetic, { seed }).workedRows(0, numSamples, {
      maxSteps: Number.MAX_SAFE_INTEGER,
    })
    return worked.map(({ solution, ...row }) => ({ row, text: solution }))
  }
  return Array.from({ length: numSamples }, (_, i) => {
    const [gold, given] = kinds[i % kinds.length] as [string, string]
    const row: Row = { id: `${i}`, problem: `Problem ${i}: find the value of the expression.`, answer: gold }
    return { row, text: `Some thought.</think> It is \\boxed{${given}}.` }
  })
}

const kinds = [
  ['42', '42'],
  ['\\frac{3}{4}', '0.75'],
  ['2\\sqrt{3}', '\\sqrt{12}'],
  ['(1, 2)', '(1,2)'],
  ['x^2+2x+1', '(x+1)^2'],
] as const
