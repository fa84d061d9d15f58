// A run whose answers all reach their limit: its model lacks the token that would end them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AdamW, type AdamWOptions, createModel, type Decoder, RolloutEngine } from '../../../lib/index.js'
import { applyLora } from '../../../lib/models/lora/apply.js'
import type { LoraOptions } from '../../../lib/models/lora/config.js'
import { contextSchedule, type Stage } from '../../../lib/schedule/context-schedule.js'
import { Tokenizer } from '../../../lib/tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../../../lib/tokenizer/word-level.js'
import { GrpoTrainer } from '../../../lib/train/grpo-trainer.js'
import type { ModelShape } from '../../../lib/train/model-shape.js'
import { type GrpoTrainerOptions, type TrainerSettings, trainerSettings } from '../../../lib/train/trainer-options.js'

export interface FullRun extends Disposable {
  model: Decoder
  optimizer: AdamW
  engine: RolloutEngine
  stages: readonly Stage[]
  settings: TrainerSettings
  trainer: GrpoTrainer
}

export const fullRunShape: ModelShape = {
  ...{ family: 'qwen2', vocabularySize: 10, width: 64, feedForwardWidth: 160, numLayers: 3 },
  ...{ numHeads: 4, numKvHeads: 2, headSize: 16, isHeadTied: false },
}

export async function fullRun(
  stages: Stage[],
  options: Partial<GrpoTrainerOptions> &
    Pick<AdamWOptions, 'moments'> & { cacheBytes?: number; lora?: LoraOptions } = {},
): Promise<FullRun> {
  const { moments, cacheBytes = 1e9, lora, ...changes } = options
  const tokenizer = await numberTokenizer()
  const sizes = { maxPositions: 256, normEpsilon: 1e-6, ropeTheta: 1e4, initializerRange: 0.05 }
  const model = createModel({ ...fullRunShape, ...sizes }, { seed: 1, dtype: lora ? 'bf16' : 'f32' })
  if (lora) applyLora(model, lora)
  const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad)
  const optimizer = new AdamW(trained, { learningRate: 1e-4, moments })
  const engine = new RolloutEngine(model, tokenizer, { cacheBytes })
  const whole: GrpoTrainerOptions = {
    ...{ model, tokenizer, optimizer, engine, schedule: contextSchedule(stages) },
    data: Array.from({ length: 10 }, (_, i) => ({ id: `${i}`, problem: '1234567890123456'.slice(i % 2) })),
    reward: ({ text }) => text.length % 3,
    ...{ entropyWeight: 0.1, promptsPerStep: 4, numAnswers: 4, maxPromptTokens: 16 },
    ...changes,
  }
  return {
    ...{ model, optimizer, engine, stages, settings: trainerSettings(whole), trainer: new GrpoTrainer(whole) },
    [Symbol.dispose]: () => {
      engine.release()
      optimizer.zeroGrad()
      optimizer.dispose()
      model.dispose()
    },
  }
}

async function numberTokenizer(): Promise<Tokenizer> {
  const folder = await mkdtemp(join(tmpdir(), 'lengthen-test-'))
  try {
    await writeWordLevelTokenizer(folder, {
      ...{ tokens: [...'0123456789'], eosToken: '<end>', padToken: '<pad>' },
      chatTemplate: '{% for message in messages %}{{ message.content }}{% endfor %}',
    })
    return await Tokenizer.load(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
