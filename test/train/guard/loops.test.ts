import { expect, test } from 'vitest'
import { endsInLoop, loopRule } from '../../../lib/train/guard/loops.js'

/** By the definition, every period tried on its own. */
function endsInLoopByDefinition(tokens: readonly number[]): boolean {
  const { longestPeriod, numRepeats, minTokens } = loopRule
  for (let period = 1; period <= longestPeriod; period++) {
    const needed = Math.max(numRepeats * period, minTokens)
    const tail = tokens.slice(-needed)
    if (tail.length < needed) continue
    if (tail.every((token, i) => i < period || token === tail[i - period])) return true
  }
  return false
}

const words = (count: number, seed = 1): number[] =>
  Array.from({ length: count }, (_, i) => Math.imul(i + 7 * seed, 2654435761) >>> 12)
const repeated = (tokens: readonly number[], times: number): number[] => new Array(times).fill(tokens).flat()

test.each<[string, number[], boolean]>([
  ['nothing', [], false],
  ['23 times one token', repeated([5], 23), false],
  ['24 times one token', repeated([5], 24), true],
  ['a text and 24 times one token', [...words(300), ...repeated([5], 24)], true],
  ['24 times one token and then something else', [...repeated([5], 24), 6], false],
  ['8 tokens three times', repeated(words(8), 3), false],
  ['8 tokens four times', repeated(words(8), 4), true],
  ['8 tokens four times less one', repeated(words(8), 4).slice(0, -1), false],
  ['a loop cut in the middle of a turn', [...words(50, 3), ...repeated(words(8), 5), ...words(8).slice(0, 3)], true],
  ['a whole text four times', repeated(words(256), 4), true],
  ['a text too long to be looked for, four times', repeated(words(257), 4), false],
  ['a thousand different tokens', words(1000), false],
])('%s: %#', (_, tokens, isLoop) => {
  expect(endsInLoop(tokens)).toBe(isLoop)
  expect(endsInLoopByDefinition(tokens)).toBe(isLoop)
})

test('agrees with the definition on texts of few different tokens', () => {
  let state = 1
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const answers = Array.from({ length: 300 }, () => {
    const turn = Array.from({ length: 1 + random(12) }, () => random(3))
    const start = Array.from({ length: random(40) }, () => random(3))
    return [...start, ...repeated(turn, random(8)), ...turn.slice(0, random(turn.length))]
  })
  const found = answers.map((tokens) => endsInLoop(tokens))
  expect(found).toEqual(answers.map(endsInLoopByDefinition))
  expect(new Set(found).size).toBe(2)
})

test('looks at each token of the tail a few times at most, whatever the text', () => {
  for (const period of [1, 2, 255, 300]) {
    const turn = words(period)
    let numReads = 0
    const tokens = new Proxy(repeated(turn, Math.ceil(16_384 / period)), {
      get(target, key, receiver) {
        if (typeof key === 'string' && /^\d+$/.test(key)) numReads++
        return Reflect.get(target, key, receiver)
      },
    })
    endsInLoop(tokens)
    expect(numReads).toBeLessThanOrEqual(loopRule.longestPeriod * loopRule.numRepeats)
  }
})
