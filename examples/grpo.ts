// GRPO from the library: a model of random weights learns sums modulo 4 from right and wrong alone, and is tested on sums it never saw.
// Run: node grpo.ts
//
//   21088 parameters
//   before: 0.7% of the held-out answers are right
//   step 20: reward 0.29, 9% cut at the limit, entropy 0.81
//   step 40: reward 0.43, 9% cut at the limit, entropy 0.58
//   step 60: reward 0.84, 3% cut at the limit, entropy 0.31
//   step 80: reward 0.92, 1% cut at the limit, entropy 0.19
//   step 100: reward 0.92, 0% cut at the limit, entropy 0.08
//   step 120: reward 0.92, 0% cut at the limit, entropy 0.04
//   after: 85.4%
import {
  AdamW,
  contextSchedule,
  createModel,
  evaluate,
  GrpoTrainer,
  type Reward,
  RolloutEngine,
  type Row,
  summarize,
  Tokenizer,
} from 'lengthen'

// A small model, and a tokenizer that knows eight tokens.
const tokenizer = Tokenizer.wordLevel({
  tokens: ['0', '1', '2', '3', '+', '='],
  eosToken: '<end>',
  padToken: '<pad>',
  chatTemplate: '{{ messages[0].content }}', // the prompt is the problem as it is
})
const model = createModel(
  {
    vocabularySize: tokenizer.vocabSize,
    width: 32,
    feedForwardWidth: 64,
    numLayers: 2,
    numHeads: 2,
    maxPositions: 16,
    initializerRange: 0.1,
  },
  { seed: 1 },
)
console.log(`${model.parameters().reduce((sum, parameter) => sum + parameter.numElements, 0)} parameters`)

// All sums of three digits from 0 to 3; one in seven is kept for the test.
const rows = Array.from({ length: 64 }, (_, i): Row => {
  const digits = [Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4]
  return { id: `${i}`, problem: `${digits.join('+')}=`, answer: `${digits.reduce((sum, digit) => sum + digit) % 4}` }
})
const heldOut = rows.filter((_, i) => i % 7 === 3)
const data = rows.filter((row) => !heldOut.includes(row))

// The text of an answer ends with the token that ended it.
const reward: Reward = ({ row, text }) => Number(text === `${row.answer}<end>`)

const engine = new RolloutEngine(model, tokenizer)
const passRate = async () => {
  const answers = await evaluate(
    { engine, tokenizer },
    { rows: heldOut, reward, samplesPerProblem: 32, maxResponseTokens: 2, temperature: 1, seed: 1 },
  )
  return `${(100 * summarize(answers).passAt1).toFixed(1)}%`
}

console.log(`before: ${await passRate()} of the held-out answers are right`)
const trainer = new GrpoTrainer({
  ...{ model, tokenizer, engine, data, reward },
  optimizer: new AdamW(model.parameters(), { learningRate: 3e-3 }),
  schedule: contextSchedule([{ maxResponseTokens: 2, until: { steps: 120 } }]),
  promptsPerStep: 28,
  numAnswers: 16,
  temperature: 1,
})
for await (const { step, reward, truncatedShare, entropy } of trainer.run()) {
  if (step % 20 > 0) continue
  const cut = `${(100 * truncatedShare).toFixed(0)}% cut at the limit`
  console.log(`step ${step}: reward ${reward.toFixed(2)}, ${cut}, entropy ${entropy.toFixed(2)}`)
}
console.log(`after: ${await passRate()}`)
