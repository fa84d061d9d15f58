// A tiny run, step by step, whose settings and parts can be spoilt from one step to the next. What it measures is what a trainer
// would measure.
import { answerRows, type ScoredAnswer } from '../../../lib/eval/answer-rows.js'
import { LossError } from '../../../lib/grpo/objective.js'
import type { Reference } from '../../../lib/grpo/reference.js'
import { modelReference } from '../../../lib/grpo/reference.js'
import type { Sample } from '../../../lib/grpo/sample.js'
import type { Decoder } from '../../../lib/models/decoder.js'
import { AdamW } from '../../../lib/optim/adamw.js'
import type { Reward } from '../../../lib/reward/reward.js'
import { RolloutEngine } from '../../../lib/rollout/engine.js'
import type { Tokenizer } from '../../../lib/tokenizer/tokenizer.js'
import type { GuardMetrics } from '../../../lib/train/guard/index.js'
import { stepMetrics } from '../../../lib/train/step-metrics.js'
import { type UpdateOptions, update } from '../../../lib/train/update.js'
import { digitModel, digitProblems, digitShare } from '../tiny-run.js'

export interface RunSettings {
  reward: Reward
  learningRate: number
  maxResponseTokens: number
  stage: number
  klWeight: number
  entropyWeight: number
  miniBatches: number
  /** The KL term pushes away from the reference where it should hold. */
  isKlSignFlipped: boolean
  /** The loss overflows, and so no gradient is a number. */
  hasBadGradient: boolean
  maxGradNorm: number
  /** Done to the model before the step. */
  spoil: (model: Decoder) => void | Promise<void>
}

export const healthy: RunSettings = {
  ...{ reward: digitShare, learningRate: 1e-3, maxResponseTokens: 8, stage: 0, klWeight: 0, entropyWeight: 0 },
  ...{ miniBatches: 1, isKlSignFlipped: false, hasBadGradient: false, maxGradNorm: 1, spoil: () => {} },
}

/** Metrics of every step. `settingsOf` says what a step, from 1, has other than `healthy`. */
export async function tinyRun(
  tokenizer: Tokenizer,
  { steps, seed = 1, promptsPerStep = 4 }: { steps: number; seed?: number; promptsPerStep?: number },
  settingsOf: (step: number) => Partial<RunSettings>,
): Promise<GuardMetrics[]> {
  using model = digitModel(tokenizer)
  using reference = new SignedReference(modelReference(digitModel(tokenizer)))
  using optimizer = new AdamW(model.parameters(), { learningRate: 0 })
  const engine = new RolloutEngine(model, tokenizer)
  const metrics: GuardMetrics[] = []
  for (let step = 1; step <= steps; step++) {
    const settings = { ...healthy, ...settingsOf(step) }
    optimizer.learningRate = settings.learningRate
    reference.isFlipped = settings.isKlSignFlipped
    await settings.spoil(model)
    const rows = digitProblems.rowsOf(step + 1000 * seed, promptsPerStep)
    const groups = await answerRows({ engine, tokenizer }, rows, answerOptions(settings, 1000 * seed + step))
    const learned = settings.hasBadGradient ? spoilt(groups) : groups
    const parts = { model, optimizer, reference }
    metrics.push(await measured(groups, () => update(parts, learned, updateOptions(settings)), { step, ...settings }))
  }
  return metrics
}

/** What a trainer does: where the update throws for a loss that is no number, the metrics say NaN. */
async function measured(
  groups: ScoredAnswer[][],
  learn: () => ReturnType<typeof update>,
  { step, stage, maxResponseTokens, learningRate, klWeight, entropyWeight }: RunSettings & { step: number },
): Promise<GuardMetrics> {
  const collected = { groups, sampled: groups, numBatches: 1, promptsOfRounds: [groups.length] }
  const rates = { learningRate, klWeight, entropyWeight, rolloutSeconds: 1, trainSeconds: 1 }
  const about = { step, stage, maxResponseTokens, ...rates, collected }
  try {
    return stepMetrics(await learn(), about)
  } catch (error) {
    if (!(error instanceof LossError)) throw error
    return { ...stepMetrics({ stats: [], gradientNorms: [] }, about), loss: Number.NaN }
  }
}

const answerOptions = ({ reward, maxResponseTokens }: RunSettings, seed: number) => ({
  ...{ turn: '{problem}', numAnswers: 10, maxPromptTokens: 16, temperature: 1, topK: 0, topP: 1 },
  ...{ seed, reward, maxResponseTokens, rewardDeadlineMs: 10_000, maxMissingShare: 0.05 },
})

const updateOptions = ({
  klWeight,
  entropyWeight,
  miniBatches,
  maxGradNorm,
  hasBadGradient,
}: RunSettings): UpdateOptions => ({
  // Of the estimators, k2 is the one whose gradient as a loss is that of the KL.
  objective: { temperature: 1, klWeight, klEstimator: 'k2', entropyWeight },
  ...{ normalize: hasBadGradient ? 'none' : 'std', miniBatches, tokensPerMicroBatch: 10_000, maxGradNorm },
})

/** Advantages that overflow: the loss is no number. */
const spoilt = (groups: ScoredAnswer[][]): ScoredAnswer[][] =>
  groups.map((group) => group.map((answer, i) => ({ ...answer, score: i % 2 === 0 ? 2e38 : -2e38 })))

/**
 * Where it is flipped, the reference's log-probabilities are mirrored at the policy's: log π − log π_ref, and so the gradient of k2,
 * has the other sign and the same size.
 */
class SignedReference implements Reference {
  isFlipped = false
  constructor(private readonly inner: Reference) {}

  async score(...[completions, options]: Parameters<Reference['score']>): Promise<Float32Array[]> {
    const scores = await this.inner.score(completions, options)
    if (!this.isFlipped) return scores
    return scores.map((score, i) => {
      const { rolloutLogprobs } = completions[i] as Sample
      return score.map((logprob, t) => 2 * (rolloutLogprobs[t] as number) - logprob)
    })
  }

  dispose(): void {
    this.inner.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
