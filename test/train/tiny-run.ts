// A decoder of a few thousand weights on the digit recurrence: a training step takes milliseconds.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digitRecurrenceTokenizer } from '../../lib/data/synthetic/digit-recurrence.js'
import { digitRecurrenceSource } from '../../lib/data/synthetic/digit-recurrence-source.js'
import { createModel } from '../../lib/models/create.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { AdamW } from '../../lib/optim/adamw.js'
import type { Reward } from '../../lib/reward/reward.js'
import { contextSchedule, type Stage } from '../../lib/schedule/context-schedule.js'
import { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../../lib/tokenizer/word-level.js'
import { GrpoTrainer, type TrainerStep } from '../../lib/train/grpo-trainer.js'
import type { GrpoTrainerOptions } from '../../lib/train/trainer-options.js'

/** Any bare digit ends an answer too, so that a random model ends about half of them within 8 tokens. */
export async function digitTokenizer(): Promise<Tokenizer> {
  const folder = await mkdtemp(join(tmpdir(), 'lengthen-test-'))
  try {
    await writeWordLevelTokenizer(folder, digitRecurrenceTokenizer())
    const ids = Array.from({ length: 10 }, (_, digit) => digit)
    await writeFile(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: ids }))
    return await Tokenizer.load(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const digitModel = (tokenizer: Tokenizer, { maxPositions = 128 } = {}): Decoder =>
  createModel(
    {
      vocabularySize: tokenizer.vocabSize,
      width: 32,
      feedForwardWidth: 48,
      numLayers: 2,
      numHeads: 4,
      numKvHeads: 2,
      headSize: 8,
      maxPositions,
      normEpsilon: 1e-6,
      ropeTheta: 10_000,
      isHeadTied: true,
      initializerRange: 0.2,
    },
    { seed: 3 },
  )

export const digitProblems = digitRecurrenceSource(
  { minSteps: 1, maxSteps: 3, slip: 0.1, mend: 0.5, recheck: 0.2 },
  { seed: 1 },
)

/** A random model gets some of it by chance: the share of an answer's letters that are digits. */
export const digitShare: Reward = ({ text }) => (text.match(/\d/g)?.length ?? 0) / Math.max(1, text.length)

/** 4 prompts of 10 answers a step. */
export function tinyTrainer(
  {
    model,
    tokenizer,
    stages = [{ maxResponseTokens: 8, until: { steps: 2 } }],
  }: {
    model: Decoder
    tokenizer: Tokenizer
    stages?: Stage[]
  },
  options: Partial<GrpoTrainerOptions> = {},
): { trainer: GrpoTrainer; optimizer: AdamW } {
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-3 })
  const trainer = new GrpoTrainer({
    ...{ model, tokenizer, optimizer, data: digitProblems, reward: digitShare, schedule: contextSchedule(stages) },
    ...{ promptsPerStep: 4, numAnswers: 10, maxPromptTokens: 16 },
    ...options,
  })
  return { trainer, optimizer }
}

export async function allSteps(trainer: GrpoTrainer): Promise<TrainerStep[]> {
  const steps: TrainerStep[] = []
  for await (const step of trainer.run()) steps.push(step)
  return steps
}

export const weightsOf = async (model: Decoder): Promise<number[][]> =>
  Promise.all(model.parameters().map(async (parameter) => Array.from(await parameter.toArray())))
