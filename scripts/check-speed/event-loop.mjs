// A timer of 10 ms runs beside whole GRPO steps of a second or longer. Prints how late it was, and
// fails where that is more than 50 ms. For a calm machine: what else runs there makes timers late too.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as lengthen from '../../dist/index.js'

const timerMs = 10
const latestMs = 50
const shortestSeconds = 1
const numSteps = 5

/** @returns {Promise<lengthen.Tokenizer>} of 512 tokens */
async function makeTokenizer() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-speed-'))
  try {
    await lengthen.writeWordLevelTokenizer(folder, {
      tokens: [...'0123456789', ...Array.from({ length: 500 }, (_, i) => ` word${i}`)],
      ...{ eosToken: '<end>', padToken: '<pad>' },
      chatTemplate: '{% for message in messages %}{{ message.content }}{% endfor %}',
    })
    return await lengthen.Tokenizer.load(folder)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

/** @param {number} numAnswers to each of 8 prompts; random weights seldom end one before 96 tokens */
function makeTrainer(model, tokenizer, numAnswers) {
  return new lengthen.GrpoTrainer({
    ...{ model, tokenizer, optimizer: new lengthen.AdamW(model.parameters(), { learningRate: 1e-5 }) },
    data: Array.from({ length: 100 }, (_, i) => ({ id: String(i), problem: String(100 + i) })),
    reward: ({ text }) => text.length % 3,
    entropyWeight: 0.01, // so that answers cut at the limit are learned from too
    ...{ promptsPerStep: 8, numAnswers },
    schedule: lengthen.contextSchedule([{ maxResponseTokens: 96, until: { steps: numSteps } }]),
  })
}

/** Counts turns of a timer; take() tells about those since the last call. */
function startTimer() {
  let due = performance.now() + timerMs
  let latenesses = []
  const turn = () => {
    const now = performance.now()
    latenesses.push(now - due)
    due = now + timerMs
    timer = setTimeout(turn, timerMs)
  }
  let timer = setTimeout(turn, timerMs)
  return {
    take() {
      latenesses.push(performance.now() - due) // of the one that is waiting now
      const taken = latenesses.sort((a, b) => a - b)
      latenesses = []
      return { numTurns: taken.length, median: taken[taken.length >> 1], worst: taken.at(-1) }
    },
    stop: () => clearTimeout(timer),
  }
}

const tokenizer = await makeTokenizer()
const model = lengthen.createModel(
  {
    ...{ vocabularySize: tokenizer.vocabSize, width: 256, feedForwardWidth: 1024, numLayers: 4, numHeads: 4 },
    ...{ numKvHeads: 2, headSize: 64, maxPositions: 512, normEpsilon: 1e-6, ropeTheta: 1e4, isHeadTied: true },
    initializerRange: 0.02,
  },
  { seed: 1 },
)
console.log(`${lengthen.device.numThreads()} threads, ${lengthen.device.target()} kernels, node ${process.version}`)

let worst = 0
let numLongSteps = 0
for (let numAnswers = 8; numLongSteps < numSteps; numAnswers *= 2) {
  const timer = startTimer()
  numLongSteps = 0
  for await (const { step, seconds, numSamples } of makeTrainer(model, tokenizer, numAnswers).run()) {
    const late = timer.take()
    worst = Math.max(worst, late.worst)
    if (seconds >= shortestSeconds) numLongSteps++
    const figures = `median ${late.median.toFixed(2)} ms, worst ${late.worst.toFixed(1)} ms`
    console.log(
      `step ${step}, ${numSamples} answers, ${seconds.toFixed(2)} s: ${late.numTurns} turns, late by ${figures}`,
    )
  }
  timer.stop()
}
const isKept = worst <= latestMs
console.log(`${isKept ? 'kept' : 'broken'}: late by at most ${latestMs} ms; the worst was ${worst.toFixed(1)} ms`)
process.exitCode = isKept ? 0 : 1
