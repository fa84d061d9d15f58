// The promise about files that nobody has checked: they load, or an error of ours says what is wrong with which file.
import fc from 'fast-check'
import { expect } from 'vitest'
import { LengthenError } from '../../lib/errors.js'

const longestMs = 5000
const times = Number(process.env.LENGTHEN_FUZZ_TIMES ?? 1)
export const seed = Number(process.env.LENGTHEN_FUZZ_SEED ?? 1)
/** For properties that are tried for so long rather than so often. */
export const seconds = Number(process.env.LENGTHEN_FUZZ_SECONDS ?? 3)

/** Runs the property on cases drawn from a fixed seed: `usual` of them, or so many times more as `npm run fuzz` asks. */
export async function fuzz<Case>(
  cases: fc.Arbitrary<Case>,
  usual: number,
  property: (value: Case) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(cases, property), { seed, numRuns: times * usual })
}

/** The result, or undefined where it was refused as it should be. Anything else that is thrown fails the test. */
export async function loadedOrRefused<Result>(load: () => Result | Promise<Result>): Promise<Result | undefined> {
  const start = performance.now()
  try {
    return await load()
  } catch (error) {
    if (!(error instanceof LengthenError)) throw error
    expect(error.code).toBe(error.constructor.name)
    expect(error.message.length).toBeLessThan(20_000)
    // Either a file, as in "folder/config.json, vocab_size:", or the part that refused, as in "[chat template]".
    expect(error.message).toMatch(/^\[[a-z ]+\] |: /)
    return undefined
  } finally {
    expect(performance.now() - start).toBeLessThan(longestMs)
  }
}
