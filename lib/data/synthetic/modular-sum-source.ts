// Modular sums as a source of problems, held-out problems and worked solutions, all drawn from the seed.
import { RandomStream } from '../../random.js'
import type { Row } from '../row.js'
import type { SyntheticSource } from './digit-recurrence-source.js'
import { drawSum, type ModularSum, type ModularSumOptions, sumAnswer, sumText, workedSum } from './modular-sum.js'

export function modularSumSource(options: ModularSumOptions, { seed }: { seed: number }): SyntheticSource {
  const { minSteps, maxSteps } = options
  return {
    rowsOf(step, count) {
      const random = new RandomStream(seed, `sums of step ${step}`)
      return Array.from({ length: count }, (_, i) =>
        rowOf(drawSum(random, { minSteps, maxSteps, heldOut: false }), `step ${step}, problem ${i}`),
      )
    },
    heldOutRows: (count) => heldOutSums(options, count).map((digits) => rowOf(digits, sumText(digits))),
    workedRows(step, count, { maxSteps: most }) {
      const random = new RandomStream(seed, `worked sums of step ${step}`)
      const range = { minSteps, maxSteps: Math.min(most, maxSteps), heldOut: false }
      return Array.from({ length: count }, (_, i) => {
        const digits = drawSum(random, range)
        return { ...rowOf(digits, `worked step ${step}, problem ${i}`), solution: workedSum(digits, random, options) }
      })
    },
  }
}

/** Different ones, the same for every seed; fewer where short sums are so few that drawing finds no more. */
function heldOutSums({ minSteps, maxSteps }: ModularSumOptions, count: number): ModularSum[] {
  const random = new RandomStream(0, 'held-out sums')
  const found = new Map<string, ModularSum>()
  for (let draws = 0; found.size < count && draws < drawsForEach * count; draws++) {
    const digits = drawSum(random, { minSteps, maxSteps, heldOut: true })
    found.set(sumText(digits), digits)
  }
  return [...found.values()]
}

const drawsForEach = 20

const rowOf = (digits: ModularSum, id: string): Row => ({ id, problem: sumText(digits), answer: sumAnswer(digits) })
