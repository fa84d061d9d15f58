import { beforeAll, expect, test } from 'vitest'
import { evaluate, evaluateEach } from '../../lib/eval/evaluate.js'
import { cutAt, summarize } from '../../lib/eval/statistics.js'
import type { Reward } from '../../lib/reward/reward.js'
import { RolloutEngine } from '../../lib/rollout/engine.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { digitModel, digitProblems, digitTokenizer } from '../train/tiny-run.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

/** Right by chance now and then. */
const endsInSmallDigit: Reward = ({ text }) => Number(/[0-4]$/.test(text))
const rows = digitProblems.heldOutRows(12)
const options = {
  ...{ rows, reward: endsInSmallDigit, samplesPerProblem: 5, maxResponseTokens: 40, temperature: 1, seed: 7 },
}

async function run(changes: Partial<Parameters<typeof evaluate>[1]>) {
  using model = digitModel(tokenizer)
  return await evaluate({ engine: new RolloutEngine(model, tokenizer), tokenizer }, { ...options, ...changes })
}

test('an evaluation at a shorter limit is the cut of a longer one, answer by answer', async () => {
  const long = await run({})
  for (const limit of [1, 7, 20, 40]) {
    const short = await run({ maxResponseTokens: limit })
    const bare = short.map((group) => group.map(({ text: _, reward: __, ...sample }) => sample))
    const cut = cutAt(long, limit).map((group) =>
      group.map(({ isCorrect, isFinished, numTokens }) => ({ isCorrect, isFinished, numTokens })),
    )
    expect(bare).toEqual(cut)
    for (const [i, group] of short.entries())
      for (const [j, { text, isFinished }] of group.entries())
        if (isFinished) expect(text).toBe(long[i]?.[j]?.text)
        else expect(long[i]?.[j]?.text.startsWith(text)).toBe(true)
  }
  const { passAt1, truncatedShare } = summarize(cutAt(long, 7))
  expect([passAt1 > 0, passAt1 < 1, truncatedShare > 0, truncatedShare < 1]).toEqual([true, true, true, true])
})

test('an answer does not depend on the problems beside it that come after', async () => {
  const all = await run({})
  expect(await run({ rows: rows.slice(0, 3) })).toEqual(all.slice(0, 3))
})

test('a reward that fails on one answer fails the evaluation and names the row', async () => {
  let numCalls = 0
  const reward: Reward = function flaky() {
    if (numCalls++ === 20) throw new Error('no answer in the row')
    return 1
  }
  await expect(run({ reward })).rejects.toMatchObject({
    code: 'RewardError',
    message: expect.stringMatching(/^\[reward flaky\] 1 of 60 samples .*first: row ".+": no answer in the row$/),
  })
})

test('a prompt that is too long is an error that names the row', async () => {
  await expect(run({ maxPromptTokens: 3 })).rejects.toThrow(
    `[prompt] expected prompts of at most maxPromptTokens = 3 tokens, got 4 for row ${JSON.stringify(rows[0]?.id)}`,
  )
})

test('an answer that leaves a row too few positions is an error that names the row', async () => {
  await expect(run({ maxResponseTokens: 125 })).rejects.toThrow(
    `[prompt] expected prompts of at most maxPositions - maxResponseTokens = 3 tokens, got 4 for row ${JSON.stringify(rows[0]?.id)}`,
  )
})

test('row by row gives what the whole gives', async () => {
  using model = digitModel(tokenizer)
  const each = evaluateEach({ engine: new RolloutEngine(model, tokenizer), tokenizer }, options)
  const problems = []
  for await (const problem of each) problems.push(problem)
  expect(problems.map(({ row }) => row)).toEqual(rows)
  expect(problems.map(({ answers }) => answers)).toEqual(await run({}))
})
