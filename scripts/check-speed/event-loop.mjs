// A timer of 10 ms runs beside whole GRPO steps of a second or longer. Prints how late it was, and
// fails where that is more than 50 ms. For a calm machine: what else runs there makes timers late too.
import * as lengthen from '../../dist/index.js'
import { makeTokenizer, smallModel } from '../speed/small-model.mjs'

const timerMs = 10
const latestMs = 50
const shortestSeconds = 1
const numSteps = 5

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
const model = smallModel(tokenizer)
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
