import type { Draw } from './draw.js'

/** Coefficients by monomial: `[2, 1]` under letters x, y is x²y. Only terms that are not 0 are held. */
export interface Polynomial {
  letters: readonly string[]
  terms: ReadonlyMap<string, bigint>
}

const keyOf = (powers: readonly number[]): string => powers.join(',')

export function polynomial(
  letters: readonly string[],
  terms: readonly [powers: number[], factor: bigint][],
): Polynomial {
  const sums = new Map<string, bigint>()
  for (const [powers, factor] of terms) sums.set(keyOf(powers), (sums.get(keyOf(powers)) ?? 0n) + factor)
  return { letters, terms: new Map([...sums].filter(([, factor]) => factor !== 0n)) }
}

export const termsOf = ({ terms }: Polynomial): [powers: number[], factor: bigint][] =>
  [...terms].map(([key, factor]) => [key.split(',').map(Number), factor])

export const add = (a: Polynomial, b: Polynomial): Polynomial => polynomial(a.letters, [...termsOf(a), ...termsOf(b)])

export function multiply(a: Polynomial, b: Polynomial): Polynomial {
  const products = termsOf(a).flatMap(([p, m]) =>
    termsOf(b).map(([q, n]): [number[], bigint] => [p.map((power, index) => power + (q[index] ?? 0)), m * n]),
  )
  return polynomial(a.letters, products)
}

/** A factor of two or three terms with small coefficients, the first of them a letter. */
export function drawFactor(draw: Draw, letters: readonly string[]): Polynomial {
  const chosen = draw.int(0, letters.length - 1)
  const unit = (place: number): number[] => letters.map((_, index) => (index === place ? 1 : 0))
  const terms: [number[], bigint][] = [
    [unit(chosen), BigInt(draw.pick([1, 1, 2, 3, -1]))],
    [unit(-1), BigInt(draw.intBut(-9, 9, 0))],
  ]
  if (letters.length > 1) terms.push([unit((chosen + 1) % letters.length), BigInt(draw.intBut(-5, 5, 0))])
  return polynomial(letters, terms)
}

/** The sum written out, terms and letters in any order. */
export function spellPolynomial(draw: Draw, value: Polynomial): string {
  const terms = draw.shuffled(termsOf(value))
  if (terms.length === 0) return '0'
  return terms
    .map(([powers, factor], index) => {
      const sign = factor < 0n ? '-' : '+'
      const body = spellTerm(draw, value.letters, powers, factor < 0n ? -factor : factor)
      if (index > 0) return ` ${sign} ${body}`
      return sign === '-' ? `-${body}` : body
    })
    .join('')
}

function spellTerm(draw: Draw, letters: readonly string[], powers: readonly number[], factor: bigint): string {
  const parts = letters.flatMap((letter, index) => spellPower(draw, letter, powers[index] ?? 0))
  if (parts.length === 0) return `${factor}`
  const joint = draw.pick(['', '', ' ', '*', ' \\cdot '])
  return (factor === 1n ? [] : [`${factor}`]).concat(draw.shuffled(parts)).join(joint)
}

function spellPower(draw: Draw, letter: string, power: number): string[] {
  if (power === 0) return []
  if (power === 1) return [letter]
  const raised = power === 2 ? `${letter}²` : `${letter}^{${power}}`
  return [power < 10 ? draw.pick([`${letter}^${power}`, `${letter}^{${power}}`, raised]) : raised]
}

/** A product of bracketed factors in any order. */
export const spellProduct = (draw: Draw, factors: readonly Polynomial[]): string =>
  draw
    .shuffled(factors)
    .map((factor) => `(${spellPolynomial(draw, factor)})`)
    .join(draw.pick(['', '', ' \\cdot ', '*']))
