// One GRPO step from prompts to updated weights, timed: npm run bench:grpo-step [-- --python PYTHON]. With a Python that
// has TRL, the same step of TRL is timed in the same run, and the ratio printed. The model is small and random: float32, 4
// layers of width 256, 4 heads, 2 key/value heads, feed-forward 1024, tied vocabulary of 512; 8 prompts × 8 answers.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { AdamW, accumulateGradients, createModel, device, groupAdvantages, RolloutEngine } from '../dist/index.js'

const { values } = parseArgs({ options: { python: { type: 'string' }, steps: { type: 'string', default: '3' } } })
const numSteps = Number(values.steps)
/** The end token is free to come: of 512 random tokens, answers of at most 512 average about 325. */
const cases = [
  { name: 'at most 64 new tokens', maxResponseTokens: 64 },
  { name: 'at most 512 new tokens', maxResponseTokens: 512 },
]

const config = {
  ...{
    vocabularySize: 512,
    width: 256,
    feedForwardWidth: 1024,
    numLayers: 4,
    numHeads: 4,
    numKvHeads: 2,
    headSize: 64,
  },
  ...{ maxPositions: 1024, normEpsilon: 1e-6, ropeTheta: 10_000, isHeadTied: true, initializerRange: 0.02 },
}
const promptLength = 16
const prompts = Array.from({ length: 8 }, (_, p) =>
  Array.from({ length: promptLength }, (_, t) => 2 + ((31 * p + 7 * t) % 500)),
)
const codec = { vocabSize: 512, eosIds: [1], encode: () => [], decode: () => '' }

/** Seconds of each step, and the mean answer. */
async function ours({ maxResponseTokens }) {
  const model = createModel(config, { seed: 1 })
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-6 })
  const engine = new RolloutEngine(model, codec)
  const seconds = []
  let numTokens = 0
  for (let step = 0; step <= numSteps; step++) {
    const started = performance.now()
    const groups = []
    for await (const group of engine.generate(prompts, { numAnswers: 8, maxResponseTokens, seed: step }))
      groups.push(group)
    engine.release()
    const rewards = groups.map(({ answers }) => answers.map(({ tokens }) => rewardOf(tokens)))
    const advantages = await groupAdvantages(rewards)
    const samples = groups.flatMap(({ promptTokens, answers }, g) =>
      answers.map(({ tokens, rolloutLogprobs }, i) => ({
        promptTokens,
        answerTokens: tokens,
        rolloutLogprobs,
        advantage: advantages[g][i],
      })),
    )
    await accumulateGradients(model, samples, { temperature: 1 }, { maxTokens: 8192, mustBeOnPolicy: true })
    const norm = optimizer.step({ maxGradNorm: 1 })
    optimizer.zeroGrad()
    await norm.item()
    if (step === 0) continue // warm-up
    seconds.push((performance.now() - started) / 1000)
    numTokens += samples.reduce((sum, { answerTokens }) => sum + answerTokens.length, 0)
  }
  model.dispose()
  optimizer.dispose()
  return { seconds, meanTokens: numTokens / numSteps / 64 }
}

/** Any reward that differs within a group: the share of even tokens. */
const rewardOf = (tokens) => tokens.filter((token) => token % 2 === 0).length / tokens.length

function trl({ maxResponseTokens }) {
  const script = fileURLToPath(new URL('peers/trl_grpo_step.py', import.meta.url))
  const args = [script, String(maxResponseTokens), String(promptLength), String(numSteps), String(device.numThreads())]
  const { status, stdout, stderr } = spawnSync(values.python, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`TRL's step failed:\n${stderr.slice(-2000)}`)
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const show = ({ seconds, meanTokens }) =>
  `${median(seconds).toFixed(2)} s a step (${seconds.map((s) => s.toFixed(2)).join(', ')}), mean answer ${meanTokens.toFixed(0)}`

console.log(`${device.numThreads()} threads, ${device.target()} kernels`)
for (const shape of cases) {
  const mine = await ours(shape)
  console.log(`${shape.name}: lengthen ${show(mine)}`)
  if (!values.python) continue
  const theirs = trl(shape)
  console.log(`${shape.name}: TRL ${show(theirs)}`)
  console.log(`${shape.name}: ${(median(theirs.seconds) / median(mine.seconds)).toFixed(1)} times as fast as TRL`)
}
