// GRPO steps of a second or longer with a checkpoint after every one, beside the same steps with none, turn by turn in one run. Prints
// how long the trainer stood still for its checkpoints, and fails where that is more than 5% of the steps' time.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as lengthen from '../../dist/index.js'
import { makeTokenizer, smallModel } from '../speed/small-model.mjs'

const mostShare = 0.05
const numSteps = 4
const numTurns = 3

const tokenizer = await makeTokenizer()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-speed-'))
process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }))

/** Seconds that the steps took by themselves, and that passed between them: what checkpoints stop a run for. */
async function run(name, everySteps) {
  const model = smallModel(tokenizer)
  const directory = await lengthen.RunDirectory.create(path.join(folder, name))
  const keeper = await lengthen.RunKeeper.open(directory, { everySteps })
  const optimizer = new lengthen.AdamW(model.parameters(), { learningRate: 1e-5 })
  const trainer = new lengthen.GrpoTrainer({
    ...{ model, tokenizer, optimizer, out: keeper },
    data: Array.from({ length: 100 }, (_, i) => ({ id: String(i), problem: String(100 + i) })),
    reward: ({ text }) => text.length % 3,
    ...{ entropyWeight: 0.01, promptsPerStep: 8, numAnswers: 16 },
    schedule: lengthen.contextSchedule([{ maxResponseTokens: 96, until: { steps: numSteps + 1 } }]),
  })
  let inSteps = 0
  let between = 0
  let last
  for await (const { step, seconds } of trainer.run()) {
    const now = performance.now()
    if (step > numSteps) break // the last step's checkpoint is that of the stage's end
    if (last !== undefined && step > 1) {
      inSteps += seconds
      between += (now - last) / 1000 - seconds
    }
    last = now
  }
  await keeper.settled()
  await keeper.close()
  optimizer.dispose()
  model.dispose()
  return { inSteps, between }
}

const sum = { with: { inSteps: 0, between: 0 }, without: { inSteps: 0, between: 0 } }
for (let turn = 0; turn < numTurns; turn++)
  for (const [kind, everySteps] of Object.entries({ without: 1000, with: 1 })) {
    const { inSteps, between } = await run(`${kind}-${turn}`, everySteps)
    sum[kind].inSteps += inSteps
    sum[kind].between += between
    console.log(
      `${kind.padEnd(8)} checkpoints: steps ${inSteps.toFixed(2)} s, between them ${(between * 1000).toFixed(0)} ms`,
    )
  }
const { inSteps, between } = sum.with
const share = between / inSteps
const slowdown = (inSteps + between) / (sum.without.inSteps + sum.without.between) - 1
console.log(
  `a checkpoint after every step stops the run for ${(share * 100).toFixed(2)}% of a step (at most ${mostShare * 100}%)`,
)
console.log(`all in all, with what is written behind, the run takes ${(slowdown * 100).toFixed(1)}% longer`)
if (share > mostShare) process.exitCode = 1
