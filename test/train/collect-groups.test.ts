import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ProblemSource } from '../../lib/data/problem-source.js'
import { answerRows, type ScoredAnswer } from '../../lib/eval/answer-rows.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { RandomStream } from '../../lib/random.js'
import type { Reward } from '../../lib/reward/reward.js'
import { weightedReward } from '../../lib/reward/weighted-reward.js'
import { RolloutEngine } from '../../lib/rollout/engine.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import {
  type CollectOptions,
  collectGroups,
  hasContrast,
  numPromptsOf,
  rolloutSeed,
} from '../../lib/train/collect-groups.js'
import type { RolloutJournal } from '../../lib/train/rollout-journal.js'
import { MemoryJournal } from './memory-journal.js'
import { digitModel, digitProblems, digitShare, digitTokenizer } from './tiny-run.js'

let tokenizer: Tokenizer
let model: Decoder
beforeAll(async () => {
  tokenizer = await digitTokenizer()
  model = digitModel(tokenizer)
})
afterAll(() => model.dispose())

/** Rows named by their batch and their place in it. */
const source: ProblemSource = {
  rowsOf: (step, count) => digitProblems.rowsOf(step, count).map((row, i) => ({ ...row, id: `${step}.${i}` })),
}

const options: CollectOptions = {
  ...{ turn: '{problem}', numAnswers: 4, maxResponseTokens: 8, maxPromptTokens: 16, temperature: 1, topK: 0, topP: 1 },
  ...{ reward: digitShare, rewardDeadlineMs: 1000, maxMissingShare: 0 },
  ...{ runSeed: 7, step: 3, dataSteps: 5, promptsPerStep: 3 },
}

/** Nearly every answer ends within so many tokens. */
const patient = { maxResponseTokens: 90 }

const collect = (changes: Partial<CollectOptions> = {}, journal?: RolloutJournal) =>
  collectGroups({ engine: new RolloutEngine(model, tokenizer), tokenizer, source, journal }, { ...options, ...changes })

/** Every second answer of the rows named is right; of the others all are, or none. */
function rightHalfOf(ids: readonly string[], others = 0): Reward & { numCalls: number } {
  const numAsked = new Map<string, number>()
  const reward: Reward = ({ row }) => {
    counted.numCalls += 1
    const before = numAsked.get(row.id) ?? 0
    numAsked.set(row.id, before + 1)
    return ids.includes(row.id) ? before % 2 : others
  }
  const counted = Object.assign(reward, { numCalls: 0 })
  return counted
}

const idsOf = (groups: readonly (readonly ScoredAnswer[])[]) => groups.map((group) => group[0]?.row.id)
const scoresOf = (groups: readonly (readonly ScoredAnswer[])[]) =>
  groups.map((group) => group.map(({ score }) => score))

describe('one round', () => {
  test('samples and scores as an evaluation of the rows with the step’s seed does', async () => {
    const seed = new RandomStream(7, 'rollout of step 3').word()
    const rows = source.rowsOf(5, 3)
    const { runSeed: _seed, step: _step, dataSteps: _steps, promptsPerStep: _prompts, ...evaluated } = options
    const parts = { engine: new RolloutEngine(model, tokenizer), tokenizer }
    const expected = await answerRows(parts, rows, { ...evaluated, seed })
    const { groups, sampled, ...counts } = await collect()
    expect(groups).toEqual(expected)
    expect(sampled).toEqual(groups)
    expect(counts).toEqual({ numBatches: 1, promptsOfRounds: [3] })
    const reasons = new Set(groups.flat().map(({ finishReason }) => finishReason))
    expect(reasons).toEqual(new Set(['stop', 'length']))
  })

  test('keeps groups that teach nothing', async () => {
    const { groups } = await collect({ reward: rightHalfOf([]) })
    expect(idsOf(groups)).toEqual(['5.0', '5.1', '5.2'])
  })

  test('gives the cache back, also where the reward fails', async () => {
    const engine = new RolloutEngine(model, tokenizer)
    const release = vi.spyOn(engine, 'release')
    await collectGroups({ engine, tokenizer, source }, options)
    expect(release).toHaveBeenCalled()
    release.mockClear()
    const reward: Reward = function broken() {
      throw new Error('no verdict')
    }
    await expect(collectGroups({ engine, tokenizer, source }, { ...options, reward })).rejects.toThrow(
      /\[reward broken\]/,
    )
    expect(release).toHaveBeenCalled()
  })

  test('an answer cut at the limit scores 0 unasked, with its verdict', async () => {
    const asked: string[] = []
    const reward: Reward = ({ text }) => asked.push(text) && 1
    const answers = (await collect({ reward })).groups.flat()
    for (const { finishReason, score, verdict } of answers) {
      expect(score).toBe(finishReason === 'stop' ? 1 : 0)
      expect(verdict).toEqual({ score })
    }
    expect(asked).toEqual(answers.filter(({ finishReason }) => finishReason === 'stop').map(({ text }) => text))
  })
})

describe('overlong answers', () => {
  test('are kept, or masked where the recipe says so; those that ended are not', async () => {
    const masks = async (changes: Partial<CollectOptions>) =>
      (await collect(changes)).groups.flat().map(({ isMasked, finishReason }) => [isMasked ?? false, finishReason])
    const kept = await masks({})
    expect(kept.every(([isMasked]) => !isMasked)).toBe(true)
    expect(await masks({ overlong: 'keep' })).toEqual(kept)
    expect(await masks({ overlong: 'mask' })).toEqual(kept.map(([, reason]) => [reason === 'length', reason]))
  })

  test('cost more the nearer they are to the limit, and how right they are stays', async () => {
    const reward: Reward = () => 1
    const { groups } = await collect({ reward, overlongPenalty: { bufferTokens: 4, weight: 0.5 } })
    for (const { tokens, finishReason, score, verdict } of groups.flat()) {
      // 0 up to 4 tokens of 8, then a quarter less with each, times 0.5.
      const penalty = [0, 0, 0, 0, 0, -0.25, -0.5, -0.75, -1][tokens.length] as number
      const outcome = finishReason === 'stop' ? 1 : 0
      expect(verdict).toEqual({ score: outcome + 0.5 * penalty, outcome, parts: { overlong: penalty } })
      expect(score).toBe(verdict?.score)
    }
  })
})

describe('a journal', () => {
  test('is told of each group in prompt order, then of the verdicts, which are used once it has them', async () => {
    const journal = new MemoryJournal()
    const { groups } = await collect({}, journal)
    expect(journal.isWriting).toBe(false)
    expect(journal.notes.slice(0, 3)).toEqual(
      groups.map((group, index) => ({
        ...{ round: 0, index },
        answers: group.map(({ tokens, text, rolloutLogprobs, finishReason }) => ({
          ...{ tokens, text, rolloutLogprobs, finishReason },
        })),
      })),
    )
    expect(journal.notes.slice(3)).toEqual([{ round: 0, verdicts: groups.flat().map(({ verdict }) => verdict) }])
  })

  test('that ends anywhere in the step gives the same bits, and nothing in it is sampled or asked again', async () => {
    const whole = new MemoryJournal()
    const dynamic = { ...patient, dynamicSampling: { maxRounds: 6 }, promptsPerStep: 3 }
    const reward = () => rightHalfOf(['5.1', '6.0', '6.2', '7.1'])
    const expected = await collect({ ...dynamic, reward: reward() }, whole)
    expect(expected.promptsOfRounds.length).toBeGreaterThan(1)
    for (let numNotes = 0; numNotes <= whole.notes.length; numNotes++) {
      const journal = new MemoryJournal(whole.notes.slice(0, numNotes))
      const generate = vi.spyOn(RolloutEngine.prototype, 'generate')
      const asked = reward()
      expect(await collect({ ...dynamic, reward: asked }, journal)).toEqual(expected)
      expect(journal.notes).toEqual(whole.notes)
      const numPrompts = generate.mock.calls.reduce((sum, [prompts]) => sum + prompts.length, 0)
      const numVerdicts = journal.fresh.flatMap((note) => ('verdicts' in note ? note.verdicts : [])).length
      expect(numPrompts).toBe(journal.fresh.filter((note) => 'answers' in note).length)
      expect(asked.numCalls).toBeLessThanOrEqual(numVerdicts)
      generate.mockRestore()
    }
  })

  test('that lacks a group among others has that one sampled alone, to the same bits', async () => {
    const whole = new MemoryJournal()
    const expected = await collect({}, whole)
    const journal = new MemoryJournal(whole.notes.filter((note) => !('index' in note && note.index === 1)))
    expect(await collect({}, journal)).toEqual(expected)
    expect(journal.fresh).toEqual([whole.notes[1]])
  })

  test('keeps a verdict that would come out otherwise now', async () => {
    const journal = new MemoryJournal()
    const first = await collect({ reward: () => 1 }, journal)
    const again = await collect({ reward: () => 0 }, new MemoryJournal(journal.notes))
    expect(again).toEqual(first)
  })

  test('keeps a missing score missing', async () => {
    const whole = new MemoryJournal()
    const flaky: Reward = ({ row }) => {
      if (row.id === '5.0') throw new Error('gone')
      return 1
    }
    const lenient = { maxMissingShare: 0.5 }
    const first = await collect({ ...lenient, reward: flaky }, whole)
    expect(first.groups[0]?.some(({ score }) => score === undefined)).toBe(true)
    expect(await collect({ reward: () => 1 }, new MemoryJournal(whole.notes))).toEqual(first)
  })

  test('is told of no verdicts where too many are missing', async () => {
    const journal = new MemoryJournal()
    await expect(collect({ reward: () => Number.NaN }, journal)).rejects.toMatchObject({ code: 'RewardError' })
    expect(journal.notes.map((note) => 'verdicts' in note)).toEqual([false, false, false])
  })

  test('with too few verdicts for its round is an error', async () => {
    const journal = new MemoryJournal([{ round: 0, verdicts: [{ score: 1 }] }])
    await expect(collect({}, journal)).rejects.toThrow(
      '[rollout journal] expected 12 verdicts for round 0 of step 3, got 1',
    )
  })

  test('that cannot be written ends the step', async () => {
    const journal = new MemoryJournal()
    journal.noteVerdicts = () => Promise.reject(new Error('disk full'))
    await expect(collect({}, journal)).rejects.toThrow('disk full')
  })
})

describe('dynamic sampling', () => {
  const dynamic = { ...patient, dynamicSampling: { maxRounds: 10 } }

  test('takes the groups with something to teach, in prompt order, and goes on in the rows that follow', async () => {
    const reward = rightHalfOf(['5.1', '6.0', '6.2', '7.1'])
    const { groups, sampled, ...counts } = await collect({ ...dynamic, reward })
    expect(idsOf(groups)).toEqual(['5.1', '6.0', '6.2'])
    // One of 3 kept: 2 are missing, at 1/3 that is 6 prompts, no more than 3 at once. Then all that were needed are there.
    expect(idsOf(sampled)).toEqual(['5.0', '5.1', '5.2', '6.0', '6.1', '6.2'])
    expect(counts).toEqual({ numBatches: 2, promptsOfRounds: [3, 3] })
    expect(scoresOf(groups)[0]).toEqual([0, 1, 0, 1])
  })

  test('samples no more prompts than would fill the step at the share kept so far', async () => {
    const reward = rightHalfOf(['5.0', '5.1', '6.1'])
    const { groups, sampled, ...counts } = await collect({ ...dynamic, reward })
    expect(idsOf(groups)).toEqual(['5.0', '5.1', '6.1'])
    // Two of 3 kept: 1 is missing, at 2/3 that is 1.5 prompts, so 2. The third row of the second batch is passed over.
    expect(idsOf(sampled)).toEqual(['5.0', '5.1', '5.2', '6.0', '6.1'])
    expect(counts).toEqual({ numBatches: 2, promptsOfRounds: [3, 2] })
  })

  test('a round may begin within a batch and end in the next', async () => {
    const reward = rightHalfOf(['5.0', '5.1', '6.2', '7.0'])
    const { groups, sampled, ...counts } = await collect({ ...dynamic, reward })
    expect(idsOf(groups)).toEqual(['5.0', '5.1', '6.2'])
    // 2 of 3; 2 more without one: 2 of 5, so ⌈5/2⌉ = 3 more: the last row of batch 6 and two of batch 7.
    expect(idsOf(sampled)).toEqual(['5.0', '5.1', '5.2', '6.0', '6.1', '6.2', '7.0', '7.1'])
    expect(counts).toEqual({ numBatches: 3, promptsOfRounds: [3, 2, 3] })
  })

  test('groups that are all right are left out as those that are all wrong', async () => {
    const reward = rightHalfOf(['5.2', '6.0', '6.1', '6.2'], 1)
    const { groups } = await collect({ ...dynamic, reward })
    expect(idsOf(groups)).toEqual(['5.2', '6.0', '6.1'])
  })

  test('learns from what there is when the rounds are over, were it nothing', async () => {
    const some = await collect({ ...patient, reward: rightHalfOf(['6.1']), dynamicSampling: { maxRounds: 3 } })
    expect(idsOf(some.groups)).toEqual(['6.1'])
    expect([some.sampled.length, some.numBatches, some.promptsOfRounds]).toEqual([9, 3, [3, 3, 3]])
    const none = await collect({ ...patient, reward: rightHalfOf([]), dynamicSampling: { maxRounds: 2 } })
    expect([none.groups, none.sampled.length, none.numBatches, none.promptsOfRounds]).toEqual([[], 6, 2, [3, 3]])
  })

  test('where every group teaches, it samples what a step without it does, to the same bits', async () => {
    const reward = () => rightHalfOf(['5.0', '5.1', '5.2'])
    expect(await collect({ ...dynamic, reward: reward() })).toEqual(await collect({ ...patient, reward: reward() }))
  })

  test('any answer can be drawn again from its round and its place', async () => {
    const { sampled, promptsOfRounds } = await collect({ ...dynamic, reward: rightHalfOf(['5.0', '5.1', '6.2']) })
    const engine = new RolloutEngine(model, tokenizer)
    let index = 0
    for (const [round, numPrompts] of promptsOfRounds.entries()) {
      for (let place = 0; place < numPrompts; place++, index++) {
        const group = sampled[index] as ScoredAnswer[]
        const seed = rolloutSeed({ runSeed: 7, step: 3, round })
        const again = { seed, numAnswers: 4, streamsPerId: 4, ids: [place], ...patient, temperature: 1 }
        for await (const { answers } of engine.generate([[...(group[0]?.promptTokens ?? [])]], again))
          expect(answers.map(({ tokens, rolloutLogprobs }) => ({ tokens, rolloutLogprobs }))).toEqual(
            group.map(({ tokens, rolloutLogprobs }) => ({ tokens, rolloutLogprobs })),
          )
      }
    }
    expect(index).toBe(sampled.length)
  })

  test('rounds draw from random streams of their own', async () => {
    const [row] = source.rowsOf(5, 1)
    const always: ProblemSource = { rowsOf: (_, count) => Array.from({ length: count }, () => row as never) }
    const parts = { engine: new RolloutEngine(model, tokenizer), tokenizer, source: always }
    const { sampled } = await collectGroups(parts, { ...options, ...dynamic, reward: () => 0, promptsPerStep: 1 })
    expect(sampled.length).toBe(10)
    expect(new Set(sampled.map((group) => group.map(({ text }) => text).join())).size).toBe(10)
  })

  test('looks at how right answers are, not at what else their scores are made of', async () => {
    const half = rightHalfOf(['5.1', '6.0', '6.1'])
    const reward = weightedReward([
      { reward: half, weight: 1, name: 'half' },
      { reward: ({ text }) => text.length, weight: 0.01, name: 'length' },
    ])
    const overlongPenalty = { bufferTokens: 89, weight: 1 }
    const { groups } = await collect({ ...dynamic, reward, overlongPenalty })
    expect(idsOf(groups)).toEqual(['5.1', '6.0', '6.1'])
    expect(new Set(scoresOf(groups)[0]).size).toBeGreaterThan(2)
  })

  test('missing scores are held against all that the step has sampled so far', async () => {
    const half = rightHalfOf(['5.0', '5.1', '6.0'])
    const reward: Reward = (sample) => {
      if (sample.row.id === '6.1') throw new Error('gone')
      return half(sample)
    }
    // The second round has 4 of 8 without a score, the step 4 of 20.
    const { groups } = await collect({ ...dynamic, reward, maxMissingShare: 0.2 })
    expect(idsOf(groups)).toEqual(['5.0', '5.1', '6.0'])
    const strict = collect({ ...dynamic, reward, maxMissingShare: 0.19 })
    await expect(strict).rejects.toThrow(/4 of 20 samples have no score, more than 19%; first: row "6\.1": gone/)
  })
})

test.each<[number, number, number, number]>([
  // P, sampled, kept, next round
  [16, 0, 0, 16],
  [16, 16, 0, 16],
  [16, 16, 16, 0],
  [16, 16, 8, 16],
  [16, 16, 12, 6], // 4 missing at 3/4: 5.33
  [16, 48, 12, 16], // 4 missing at 1/4
  [16, 64, 15, 5], // 1 missing at 15/64: 4.27
  [1, 9, 0, 1],
])(
  'of %i prompts, with %i sampled and %i kept, the next round samples %i',
  (promptsPerStep, numSampled, numKept, expected) => {
    expect(numPromptsOf({ promptsPerStep, numSampled, numKept })).toBe(expected)
  },
)

test('a group has contrast where two scored answers differ in how right they are', () => {
  const group = (...scores: (number | undefined)[]) => scores.map((score) => ({ score }) as ScoredAnswer)
  expect(hasContrast(group(0, 1))).toBe(true)
  expect(hasContrast(group(0.5, 0.5, 0.25))).toBe(true)
  expect(hasContrast(group(1, undefined, 1))).toBe(false)
  expect(hasContrast(group(1, undefined))).toBe(false)
  expect(hasContrast(group(undefined, undefined))).toBe(false)
  expect(hasContrast(group())).toBe(false)
})
