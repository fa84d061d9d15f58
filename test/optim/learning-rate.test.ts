import { expect, test } from 'vitest'
import { type LearningRateOptions, learningRateAt, rateProblem, scheduledRate } from '../../lib/optim/learning-rate.js'

function rates(count: number, options: LearningRateOptions): number[] {
  return Array.from({ length: count }, (_, step) => Number(learningRateAt(step, options).toPrecision(12)))
}

test('a constant rate is constant, after its warm-up', () => {
  expect(rates(3, { peak: 2, decay: 'constant', steps: 3 })).toEqual([2, 2, 2])
  expect(rates(6, { peak: 2, decay: 'constant', steps: 6, warmupSteps: 4 })).toEqual([0.5, 1, 1.5, 2, 2, 2])
})

test('a linear rate falls in equal parts to its end and stays there', () => {
  expect(rates(6, { peak: 4, decay: 'linear', steps: 4 })).toEqual([4, 3, 2, 1, 0, 0])
  expect(rates(6, { peak: 4, decay: 'linear', steps: 4, finalFraction: 0.5 })).toEqual([4, 3.5, 3, 2.5, 2, 2])
})

test('a cosine rate is half way down in the middle', () => {
  // Between 8 and 8 · 0.25 = 2: (1 + cos(π/4)) / 2 = 0.853553 of the way up at a quarter.
  const options: LearningRateOptions = { peak: 8, decay: 'cosine', steps: 4, finalFraction: 0.25 }
  expect(rates(6, options)).toEqual([
    8,
    Number((2 + 6 * ((1 + Math.SQRT1_2) / 2)).toPrecision(12)),
    5,
    2.87867965644,
    2,
    2,
  ])
})

test('decay begins where the warm-up ends', () => {
  expect(rates(7, { peak: 6, decay: 'linear', steps: 5, warmupSteps: 2 })).toEqual([3, 6, 6, 4, 2, 0, 0])
})

test('a run of nothing but warm-up ends at the peak, and more warm-up than steps is an error', () => {
  expect(rates(2, { peak: 1, decay: 'cosine', steps: 2, warmupSteps: 2 })).toEqual([0.5, 1])
  expect(() => learningRateAt(0, { peak: 1, decay: 'cosine', steps: 2, warmupSteps: 3 })).toThrow(/at most 2 warm-up/)
})

test('a schedule is a constant rate but for what it says', () => {
  const rates = (schedule: Parameters<typeof scheduledRate>[2]) =>
    [0, 1, 2, 3, 4].map((s) => scheduledRate(s, 8, schedule))
  expect(rates(undefined)).toEqual([8, 8, 8, 8, 8])
  expect(rates({ warmupSteps: 4 })).toEqual([2, 4, 6, 8, 8])
  expect(rates({ decay: 'linear', steps: 4 })).toEqual([8, 6, 4, 2, 0])
  expect(rates({ decay: 'linear', steps: 3, warmupSteps: 1, finalFraction: 0.5 })).toEqual([8, 8, 6, 4, 4])
})

test('a decay without an end, and a warm-up longer than it all, are problems', () => {
  expect(rateProblem({ decay: 'cosine' })).toMatch(/expected steps in learningRateSchedule, the end of its cosine/)
  expect(rateProblem({ steps: 3, warmupSteps: 4 })).toMatch(/at least warmupSteps = 4/)
  expect(() => scheduledRate(0, 1, { decay: 'linear' })).toThrow(/^\[learning rate\] expected steps/)
})
