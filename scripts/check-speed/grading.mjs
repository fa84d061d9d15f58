// Grading, timed by the processor time of this process, which other work on the machine does not change. Pairs of answers as other
// projects test theirs with: at least 10,000 a second. Hostile answers, as an answer and as the gold: at most 50 ms each, the median
// of five. A pool of one worker, by the clock: at least 10,000 pairs a second too.
import fs from 'node:fs'
import { GraderPool, gradeMath } from '../../dist/index.js'
import { hostileAnswers } from '../../test/fixtures/grading/hostile-answers.mjs'

const leastPairsPerSecond = 10_000
const mostMs = 50
const numRounds = 5
const secondsToMeasure = 3

const pairs = fs
  .readFileSync(new URL('../../test/fixtures/grading/pairs.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map(({ pred, gold }) => ({ answer: pred, gold }))
const reading = { needsThinkingClosed: false, needsBox: false }

const byClock = () => performance.now()
function byProcessor() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

let isKept = true
const check = (isWithin, text) => {
  isKept &&= isWithin
  console.log(`${isWithin ? 'kept' : 'broken'}: ${text}`)
}

/** @param {() => void | Promise<void>} round grades all pairs once */
async function pairsPerSecond(round, now) {
  for (let i = 0; i < 10; i++) await round() // compiled by then
  let numDone = 0
  const started = now()
  for (; now() - started < 1000 * secondsToMeasure; numDone += pairs.length) await round()
  return Math.round((1000 * numDone) / (now() - started))
}

for (const mode of ['exact', 'deepscaler']) {
  const here = await pairsPerSecond(() => {
    for (const { answer, gold } of pairs) gradeMath(answer, gold, { mode, ...reading })
  }, byProcessor)
  check(here >= leastPairsPerSecond, `mode ${mode}: ${here} pairs/s on one core, at least ${leastPairsPerSecond}`)
}
const pool = new GraderPool({ numWorkers: 1 })
const pooled = await pairsPerSecond(() => pool.grade(pairs, reading).then(() => {}), byClock)
check(pooled >= leastPairsPerSecond, `by a pool of one worker: ${pooled} pairs/s, at least ${leastPairsPerSecond}`)

/** In milliseconds. */
function medianTime(answer, gold, options) {
  const times = Array.from({ length: numRounds }, () => {
    const started = byProcessor()
    gradeMath(answer, gold, options)
    return byProcessor() - started
  })
  return times.sort((a, b) => a - b)[numRounds >> 1]
}

const bare = { isExtracted: true }
for (const mode of ['exact', 'deepscaler']) {
  const times = Object.entries(hostileAnswers).flatMap(([name, text]) => [
    { name, ms: medianTime(text, '5', { mode, ...bare }) },
    { name, ms: medianTime('5', text, { mode, ...bare }) },
    { name, ms: medianTime(text, `${text}+0`, { mode, ...bare }) },
    { name, ms: medianTime(`</think>\\boxed{${text}}`, '5', { mode }) },
    { name, ms: medianTime(text, text, { mode, ...reading }) },
  ])
  const [worst] = times.sort((a, b) => b.ms - a.ms)
  const text = `mode ${mode}: ${times.length} hostile pairs, the worst, ${worst.name}, ${worst.ms.toFixed(1)} ms, at most ${mostMs}`
  check(worst.ms <= mostMs, text)
}
process.exitCode = isKept ? 0 : 1
