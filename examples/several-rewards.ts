// Several rewards as one: the right answer first, then its form and its brevity with less weight. The metrics have each part's own mean.
// Run: node several-rewards.ts
//
//   step 1: reward 0.03 (right 0.00, form 0.03, brevity 0.21, letters 1.92), 0% right
//   step 20: reward 0.72 (right 0.44, form 0.93, brevity 0.96, letters 14.31), 44% right
//   step 40: reward 1.15 (right 0.85, form 0.99, brevity 1.00, letters 13.93), 85% right
//   step 60: reward 1.18 (right 0.88, form 1.00, brevity 1.00, letters 14.00), 88% right
import {
  AdamW,
  contextSchedule,
  createModel,
  formatReward,
  GrpoTrainer,
  mathReward,
  type Reward,
  type Row,
  Tokenizer,
  weightedReward,
} from 'lengthen'

// Every answer is a token of its own, so that a model of random weights is right now and then.
const digits = ['0', '1', '2', '3']
const tokenizer = Tokenizer.wordLevel({
  tokens: [...digits, '+', '=', 'hm ', ...digits.map((digit) => `\\boxed{${digit}}`)],
  eosToken: '<end>',
  padToken: '<pad>',
  chatTemplate: '{{ messages[0].content }}',
})
const model = createModel(
  {
    ...{ vocabularySize: tokenizer.vocabSize, width: 32, feedForwardWidth: 64, numLayers: 2, numHeads: 2 },
    ...{ maxPositions: 16, initializerRange: 0.1 },
  },
  { seed: 1 },
)
const data: Row[] = ['0+0', '0+1', '1+0', '1+1', '1+2', '2+1', '0+3', '3+0'].map((sum) => {
  const answer = String(Number(sum[0]) + Number(sum[2]))
  return { id: sum, problem: `${sum}=`, answer }
})

/** 1 for an answer of nothing but a box; each "hm" takes off a third. */
const brevity: Reward = ({ text }) => 1 - (text.split('hm ').length - 1) / 3

const reward = weightedReward([
  { name: 'right', weight: 1, reward: mathReward({ needsThinkingClosed: false }) },
  { name: 'form', weight: 0.2, reward: formatReward({ needsThinkingClosed: false }) },
  { name: 'brevity', weight: 0.1, reward: brevity },
  { name: 'letters', weight: 0, reward: ({ text }) => text.length }, // watched only
])

const trainer = new GrpoTrainer({
  ...{ model, tokenizer, data, reward },
  optimizer: new AdamW(model.parameters(), { learningRate: 5e-3 }),
  schedule: contextSchedule([{ maxResponseTokens: 4, until: { steps: 60 } }]),
  promptsPerStep: 8,
  numAnswers: 24,
})
for await (const { step, reward, passRate, rewardParts = {} } of trainer.run()) {
  if (step !== 1 && step % 20 > 0) continue
  const parts = Object.entries(rewardParts).map(([name, mean]) => `${name} ${mean.toFixed(2)}`)
  console.log(`step ${step}: reward ${reward.toFixed(2)} (${parts.join(', ')}), ${(100 * passRate).toFixed(0)}% right`)
}
