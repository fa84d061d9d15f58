// A context schedule with a rule of one's own: the task is to write as many ticks as the prompt asks for, so the caller knows which
// prompts can be answered within a limit, and lengthens as soon as 95% of what can be right is right.
// Run: node custom-schedule.ts
//
//   step 8: up to 3 tokens, reward 0.25, 63% cut
//   stage 1 of 3 (3 tokens) is over: 98% of what fits is right
//   step 20: up to 6 tokens, reward 0.53, 32% cut
//   step 22: up to 6 tokens, reward 0.61, 28% cut
//   stage 2 of 3 (6 tokens) is over: 98% of what fits is right
//   step 29: up to 9 tokens, reward 0.98, 0% cut
//   stage 3 of 3 (9 tokens) is over: 98% of what fits is right
import {
  AdamW,
  type ContextSchedule,
  contextSchedule,
  createModel,
  distill,
  GrpoTrainer,
  RandomStream,
  type Reward,
  type Row,
  Tokenizer,
} from 'lengthen'

const stages = contextSchedule([
  { maxResponseTokens: 3, until: { steps: 60 } }, // at the latest; the rule below comes before
  { maxResponseTokens: 6, until: { steps: 60 } },
  { maxResponseTokens: 9, until: { steps: 60 } },
])

/** Pure, as the stages' own conditions are: a run that is killed and resumed decides what it would have decided. */
const schedule: ContextSchedule = {
  ...stages,
  next(state, metrics) {
    const step = stages.next(state, metrics)
    const limit = stages.stageOf(state)?.maxResponseTokens ?? 0
    const attainable = Math.min(limit - 1, 8) / 8 // n ticks and the end token, for n from 1 to 8
    const share = metrics.reward / attainable
    if (step.why !== undefined || share < 0.95) return step
    return stages.advance(step.state, `${(100 * share).toFixed(0)}% of what fits is right`)
  },
}

const tokenizer = Tokenizer.wordLevel({
  tokens: [...'12345678', ':', '|'],
  eosToken: '<end>',
  padToken: '<pad>',
  chatTemplate: '{{ messages[0].content }}',
})
const sizes = { width: 32, feedForwardWidth: 64, numLayers: 2, numHeads: 2, maxPositions: 32 }
const model = createModel({ ...sizes, vocabularySize: tokenizer.vocabSize, initializerRange: 0.1 }, { seed: 1 })
const data: Row[] = [...'12345678'].map((number) => ({ id: number, problem: `${number}:` }))

// A short supervised phase on sloppy counts: half of them are one too few or one too many.
const random = new RandomStream(1, 'sloppy counts')
const sloppyExample = () => {
  const number = 1 + random.below(8)
  const numTicks = number + (random.below(2) === 0 ? 0 : random.below(2) === 0 ? 1 : -1)
  return {
    promptTokens: tokenizer.encode(`${number}:`),
    solutionTokens: tokenizer.encode(`${'|'.repeat(numTicks)}<end>`),
  }
}
const phase = distill(model, async (_, count) => Array.from({ length: count }, sloppyExample), {
  ...{ maxSteps: 150, batchSize: 32, learningRate: 5e-3, warmupSteps: 10, cooldownSteps: 50 },
})
for await (const { step, loss } of phase)
  if (step % 50 === 0) console.log(`supervised step ${step}: loss ${loss.toFixed(2)}`)

const reward: Reward = ({ row, text }) => Number(text === `${'|'.repeat(Number(row.id))}<end>`)

const trainer = new GrpoTrainer({
  ...{ model, tokenizer, data, reward, schedule },
  optimizer: new AdamW(model.parameters(), { learningRate: 2e-3 }),
  promptsPerStep: 8,
  numAnswers: 32,
})
for await (const { step, maxResponseTokens, reward, truncatedShare, stageEnd } of trainer.run()) {
  if (stageEnd === undefined && step % 20 > 0) continue
  const cut = `${(100 * truncatedShare).toFixed(0)}% cut`
  console.log(`step ${step}: up to ${maxResponseTokens} tokens, reward ${reward.toFixed(2)}, ${cut}`)
  if (stageEnd !== undefined) console.log(stageEnd)
}
