// Rewards of one's own: a function of the answer's text, then one that asks a judge over HTTP and gives up when the trainer's signal
// says so. An answer that the judge keeps waiting has no score: it is counted, and leaves its group, rather than being called wrong.
// Run: node custom-reward.ts
//
//   a function, step 1: reward 0.03
//   a function, step 20: reward 0.91
//   a judge, step 1: reward 0.03
//   a judge, step 20: reward 0.88
//   1 answer without a score, 1 request given up
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { AdamW, contextSchedule, createModel, GrpoTrainer, type Reward, type Row, Tokenizer } from 'lengthen'

const tokenizer = Tokenizer.wordLevel({
  tokens: ['a', 'b', 'c', 'd', '?'],
  eosToken: '<end>',
  padToken: '<pad>',
  chatTemplate: '{{ messages[0].content }}',
})
const data: Row[] = ['a', 'b', 'c', 'd'].map((letter) => ({ id: letter, problem: `${letter}?` }))

/** Share of the answer's letters that are the problem's own. */
function repeats(problem: string, text: string): number {
  const letters = text.replace('<end>', '')
  return letters === '' ? 0 : [...letters].filter((letter) => letter === problem[0]).length / letters.length
}

async function train(name: string, reward: Reward) {
  const sizes = { width: 32, feedForwardWidth: 64, numLayers: 1, numHeads: 2, maxPositions: 16 }
  const model = createModel({ ...sizes, vocabularySize: tokenizer.vocabSize, initializerRange: 0.1 }, { seed: 1 })
  const trainer = new GrpoTrainer({
    ...{ model, tokenizer, data, reward },
    optimizer: new AdamW(model.parameters(), { learningRate: 1e-2 }),
    schedule: contextSchedule([{ maxResponseTokens: 4, until: { steps: 20 } }]),
    promptsPerStep: 4,
    numAnswers: 16,
    rewardDeadlineMs: 250, // for one answer
    maxMissingShare: 0.5, // more answers without a score than this would end the run
  })
  let numMissing = 0
  for await (const { step, reward, numMissingRewards } of trainer.run()) {
    numMissing += numMissingRewards
    if (step === 1 || step === 20) console.log(`${name}, step ${step}: reward ${reward.toFixed(2)}`)
  }
  model.dispose()
  return numMissing
}

await train('a function', ({ row, text }) => repeats(row.problem, text))

// A judge that answers at once, but for its second question, which it sits on.
let numAsked = 0
let numGivenUp = 0
const judge = createServer(async (request, response) => {
  if (++numAsked === 2) {
    response.on('close', () => numGivenUp++)
    await setTimeout(5000, undefined, { ref: false })
  }
  const { searchParams } = new URL(request.url ?? '', 'http://judge')
  response.end(String(repeats(searchParams.get('problem') ?? '', searchParams.get('text') ?? '')))
})
await once(judge.listen(0, '127.0.0.1'), 'listening')
const { port } = judge.address() as AddressInfo

const numMissing = await train('a judge', async ({ row, text, signal }) => {
  const query = new URLSearchParams({ problem: row.problem, text })
  const response = await fetch(`http://127.0.0.1:${port}/?${query}`, { signal })
  return Number(await response.text())
})
console.log(`${numMissing} answer without a score, ${numGivenUp} request given up`)
judge.close()
judge.closeAllConnections()
