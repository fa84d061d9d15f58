import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numBlocksAtMost, Scheduler } from '../../lib/rollout/scheduler.js'
import type { Sequence } from '../../lib/rollout/sequence.js'
import { answerAlone, type Job, makeSequences, Simulation } from './cache-simulation.js'

const jobs: fc.Arbitrary<Job> = fc
  .record({
    promptLengths: fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 5 }),
    numAnswers: fc.integer({ min: 1, max: 5 }),
    maxResponseTokens: fc.integer({ min: 1, max: 20 }),
    blockSize: fc.constantFrom(1, 2, 4, 8),
    numSpareBlocks: fc.integer({ min: 0, max: 40 }),
    maxBatch: fc.integer({ min: 1, max: 16 }),
    maxPrefillTokens: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ blockSize, numSpareBlocks, maxBatch, maxPrefillTokens, ...job }) => {
    const longest = Math.max(...job.promptLengths)
    const numBlocks = numBlocksAtMost(longest, job.maxResponseTokens, blockSize) + numSpareBlocks
    return { ...job, limits: { numBlocks, blockSize, maxBatch, maxPrefillTokens } }
  })

const roomy = { numBlocks: 1000, blockSize: 4, maxBatch: 64, maxPrefillTokens: 1000 }

const kinds = (simulation: Simulation): string[] => {
  const seen: string[] = []
  const next = simulation.scheduler.next.bind(simulation.scheduler)
  simulation.scheduler.next = () => {
    const step = next()
    seen.push(step.kind)
    return step
  }
  simulation.runToEnd()
  return seen
}

describe('the scheduler, whatever the prompts, limits and cache size', () => {
  it('is tried with preemption and without', () => {
    const counts = fc.sample(jobs, { numRuns: 200, seed: 1 }).map((job) => {
      const simulation = new Simulation(job)
      simulation.runToEnd()
      return simulation.scheduler.numPreemptions
    })
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(20)
    expect(counts.filter((count) => count === 0).length).toBeGreaterThan(20)
  })

  it('finishes every sequence with the answer it gives alone, and gets every block back', () => {
    fc.assert(
      fc.property(jobs, (job) => {
        const simulation = new Simulation(job)
        simulation.runToEnd()
        for (const sequence of simulation.sequences) expect(sequence.answer).toEqual(answerAlone(sequence, job))
        expect(simulation.scheduler.blocks.numFree).toBe(job.limits.numBlocks)
      }),
      { numRuns: 400 },
    )
  })

  it('keeps running sequences before waiting ones and each list in order', () => {
    fc.assert(
      fc.property(jobs, (job) => {
        const simulation = new Simulation(job)
        do {
          const orders = [...simulation.scheduler.running, ...simulation.scheduler.waiting].map(({ order }) => order)
          expect(orders).toEqual(orders.toSorted((a, b) => a - b))
        } while (simulation.step())
      }),
      { numRuns: 100 },
    )
  })

  it('gives the same answers in any order of the prompts', () => {
    fc.assert(
      fc.property(jobs, fc.infiniteStream(fc.nat()), (job, keys) => {
        const sequences = makeSequences(job)
        const key = new Map(job.promptLengths.map((_, index) => [index, keys.next().value as number]))
        const rank = (sequence: Sequence) => key.get(sequence.prompt.index) as number
        const shuffled = makeSequences(job).toSorted((a, b) => rank(a) - rank(b))
        const reordered = shuffled.map((sequence, order) => ({ ...sequence, order }))
        new Simulation(job, sequences).runToEnd()
        new Simulation(job, reordered).runToEnd()
        for (const sequence of reordered) expect(sequence.answer).toEqual(sequences[sequence.sequenceId]?.answer)
      }),
      { numRuns: 100 },
    )
  })

  it('gives a prefix of the answer under a shorter limit', () => {
    fc.assert(
      fc.property(jobs, (job) => {
        const long = new Simulation(job)
        const short = new Simulation({ ...job, maxResponseTokens: Math.ceil(job.maxResponseTokens / 2) })
        long.runToEnd()
        short.runToEnd()
        for (const [i, { answer }] of short.sequences.entries())
          expect(long.sequences[i]?.answer.slice(0, answer.length)).toEqual(answer)
      }),
      { numRuns: 100 },
    )
  })
})

describe('the scheduler', () => {
  it('computes a prompt once for all of its answers and shares its full blocks', () => {
    const simulation = new Simulation({ promptLengths: [9], numAnswers: 3, maxResponseTokens: 5, limits: roomy })
    const step = simulation.scheduler.next()
    if (step.kind !== 'prefill') throw new Error(`expected a prefill, got ${step.kind}`)
    expect(step.entries.map(({ sequences }) => sequences.length)).toEqual([3])
    const [a, b, c] = simulation.sequences.map(({ blocks }) => blocks)
    expect(a).toEqual([0, 1, 2])
    expect(b).toEqual([0, 1, 3])
    expect(c).toEqual([0, 1, 4])
    expect(step.copies).toEqual([
      { from: 2, to: 3 },
      { from: 2, to: 4 },
    ])
  })

  it('copies nothing when the prompt ends with its last block', () => {
    const simulation = new Simulation({ promptLengths: [8], numAnswers: 3, maxResponseTokens: 5, limits: roomy })
    const step = simulation.scheduler.next()
    expect(step).toMatchObject({ kind: 'prefill', copies: [] })
    expect(simulation.scheduler.blocks.numFree).toBe(roomy.numBlocks - 2)
  })

  it('admits several prompts in one prefill up to its budget of tokens', () => {
    const limits = { ...roomy, maxPrefillTokens: 20 }
    const simulation = new Simulation({ promptLengths: [9, 9, 9], numAnswers: 2, maxResponseTokens: 5, limits })
    const first = simulation.scheduler.next()
    const second = simulation.scheduler.next()
    if (first.kind !== 'prefill' || second.kind !== 'prefill') throw new Error('expected two prefills')
    expect(first.entries.length).toBe(2)
    expect(second.entries.length).toBe(1)
  })

  it('preempts the youngest when blocks run out, and recomputes it', () => {
    // Three sequences of up to 5 + 19 cached tokens are 18 blocks; there are 10.
    const job: Job = {
      promptLengths: [5, 6, 7],
      numAnswers: 1,
      maxResponseTokens: 20,
      limits: { ...roomy, numBlocks: 10 },
      stopTokens: [],
    }
    const simulation = new Simulation(job)
    simulation.runToEnd()
    expect(simulation.scheduler.numPreemptions).toBeGreaterThan(0)
    for (const sequence of simulation.sequences) expect(sequence.answer).toEqual(answerAlone(sequence, job))
  })

  it('never preempts with room for all', () => {
    const simulation = new Simulation({ promptLengths: [5, 6, 7], numAnswers: 4, maxResponseTokens: 20, limits: roomy })
    const seen = kinds(simulation)
    expect(simulation.scheduler.numPreemptions).toBe(0)
    expect(seen.filter((kind) => kind === 'prefill').length).toBe(1)
    const longest = Math.max(...simulation.sequences.map(({ answer }) => answer.length))
    expect(seen.filter((kind) => kind === 'decode').length).toBe(longest - 1)
  })

  it('says at the start when one sequence can never fit', () => {
    const limits = { ...roomy, numBlocks: 3 }
    const sequences = makeSequences({ promptLengths: [4, 6], numAnswers: 1, maxResponseTokens: 9, limits })
    expect(() => new Scheduler(sequences, limits, 9)).toThrow(
      '[generate] expected a cache of at least 4 blocks of 4 tokens for prompt 1 (6 tokens and 9 to come), got 3',
    )
    expect(() => new Scheduler(sequences.slice(0, 1), limits, 9)).not.toThrow()
  })

  it('needs no block for the last token, whose key and value nobody reads', () => {
    expect(numBlocksAtMost(4, 1, 4)).toBe(1)
    expect(numBlocksAtMost(4, 5, 4)).toBe(2)
    expect(numBlocksAtMost(4, 6, 4)).toBe(3)
  })

  it('does nothing when there is nothing to do', () => {
    expect(new Scheduler([], roomy, 5).next()).toEqual({ kind: 'done' })
  })

  it('does not write shared blocks again when an answer is recomputed beside its siblings', () => {
    const limits = { ...roomy, numBlocks: 12 }
    const job: Job = { promptLengths: [8], numAnswers: 6, maxResponseTokens: 12, limits }
    const simulation = new Simulation(job)
    const [first, ...rest] = simulation.sequences as [Sequence, ...Sequence[]]
    first.answer.push(1)
    const step = simulation.scheduler.next()
    if (step.kind !== 'prefill') throw new Error(`expected a prefill, got ${step.kind}`)
    expect(step.entries.map(({ sequences, numCached }) => [sequences.length, numCached])).toEqual([
      [1, 0],
      [rest.length, 8],
    ])
  })
})
