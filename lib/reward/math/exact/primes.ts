// Factors of the whole numbers that stand under roots.
import type { Budget } from '../budget.js'
import { notExact } from './polynomial.js'

const maxDivisor = 2000

/**
 * Prime and count, in order.
 * @throws NotExact when a factor is left whose primes are not found by trial division.
 */
export function primeFactors(value: bigint, budget: Budget): [bigint, number][] {
  const factors: [bigint, number][] = []
  let rest = value
  for (let divisor = 2; divisor <= maxDivisor && rest > 1n; divisor += divisor === 2 ? 1 : 2) {
    const prime = BigInt(divisor)
    if (prime * prime > rest) break
    budget.charge(1)
    let count = 0
    while (rest % prime === 0n) {
      rest /= prime
      count++
    }
    if (count > 0) factors.push([prime, count])
  }
  if (rest > BigInt(maxDivisor) ** 2n) throw notExact
  if (rest > 1n) factors.push([rest, 1])
  return factors
}
