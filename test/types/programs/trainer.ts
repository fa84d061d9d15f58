import {
  AdamW,
  type ContextSchedule,
  type Decoder,
  GrpoTrainer,
  type GrpoTrainerOptions,
  makeGuard,
  type ProblemSource,
  type Reward,
  type Row,
  RunDirectory,
  type Tokenizer,
  type TrainerStep,
} from '../../../lib/index.js'
import { some, typed } from './typed.js'

const model = some<Decoder>()
const parts = {
  model,
  tokenizer: some<Tokenizer>(),
  data: some<Row[]>(),
  reward: some<Reward>(),
  schedule: some<ContextSchedule>(),
  optimizer: new AdamW(model.parameters(), { learningRate: 1e-6 }),
}
const trainer = new GrpoTrainer({
  ...parts,
  method: 'dapo',
  clipHigh: 0.28,
  seed: 3,
  guard: makeGuard({ action: 'stop' }),
})
typed(trainer.run()).is<AsyncGenerator<TrainerStep>>()
typed(trainer.run({ stop: AbortSignal.timeout(1000) })).is<AsyncGenerator<TrainerStep>>()
for await (const step of trainer.run()) {
  typed(step.step).is<number>()
  typed(step.stageEnd).is<string | undefined>()
  typed(step.rewardParts?.format).is<number | undefined>()
}

// What was left out may be said to be undefined, under exactOptionalPropertyTypes too.
new GrpoTrainer({ ...parts, seed: undefined, out: undefined })
new GrpoTrainer({ ...parts, out: 'runs/a' })
new GrpoTrainer({ ...parts, out: await RunDirectory.create('runs/b') })
new GrpoTrainer({ ...parts, data: some<ProblemSource>() })

const { reward: _, ...unrewarded } = parts
// @ts-expect-error no reward
new GrpoTrainer(unrewarded)
// @ts-expect-error no such option
new GrpoTrainer({ ...parts, learningrate: 1e-6 })
// @ts-expect-error no such method
new GrpoTrainer({ ...parts, method: 'ppo' })
// @ts-expect-error a list of paths is no data: readRows() or readData() reads it
new GrpoTrainer({ ...parts, data: ['problems.jsonl'] })
// @ts-expect-error an optimizer has a learning rate
new AdamW(model.parameters(), {})
// @ts-expect-error moments have 32 or 8 bits
new AdamW(model.parameters(), { learningRate: 1, moments: '4bit' })
// @ts-expect-error no such action
makeGuard({ action: 'ignore' })

// Options that are kept apart and added to.
const later: GrpoTrainerOptions = { ...parts }
later.promptsPerStep = 4
