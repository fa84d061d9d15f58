// The points at which expressions are compared, drawn from the seed.
import { Unreadable } from '../budget.js'
import { integer, ratio } from '../rational.js'
import { type Complex, complexOf, Undefined } from '../real/complex.js'
import { evaluate, type Point } from '../real/evaluate.js'
import { childrenOf, hasNode, lettersOf, type Node } from '../tree.js'
import type { Context } from './context.js'

/** The values of the expressions at one point, and how much may have cancelled on the way. */
export interface Sample {
  values: Complex[]
  largest: number
}

const numReal = 4
const maxAttempts = 24

/**
 * Visits points where all expressions are defined until `visit` says no: real ones where the expressions are real there, else with
 * complex values. True when every visit said yes and there were enough of them.
 */
export function agreeAtPoints(nodes: readonly Node[], context: Context, visit: (sample: Sample) => boolean): boolean {
  const letters = [...new Set(nodes.flatMap((node) => [...lettersOf(node)]))].sort()
  const isComplex = nodes.some((node) =>
    hasNode(node, ({ kind, ...rest }) => kind === 'constant' && 'name' in rest && rest.name === 'i'),
  )
  if (letters.length === 0) {
    const sample = sampleAt(nodes, { values: new Map(), isRealDomain: false, budget: context.budget, largest: -1000 })
    return sample !== undefined && visit(sample)
  }
  if (letters.length > 40) throw new Unreadable('it has too many letters')
  const wholeLetters = new Set(nodes.flatMap((node) => [...wholeLettersOf(node)]))
  for (const isRealDomain of isComplex ? [false] : [true, false]) {
    const outcome = visitPoints({ nodes, letters, wholeLetters, isRealDomain }, context, visit)
    if (outcome !== undefined) return outcome
  }
  return false
}

interface Sampling {
  nodes: readonly Node[]
  letters: readonly string[]
  wholeLetters: ReadonlySet<string>
  isRealDomain: boolean
}

/** Undefined where too few points were in the domain. */
function visitPoints(sampling: Sampling, context: Context, visit: (sample: Sample) => boolean): boolean | undefined {
  const { nodes, letters, wholeLetters, isRealDomain } = sampling
  const random = generator(context.seed)
  let numAgreed = 0
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const values = new Map<string, Complex>()
    for (const name of letters) values.set(name, draw(random, attempt, wholeLetters.has(name)))
    const sample = sampleAt(nodes, { values, isRealDomain, budget: context.budget, largest: -1000 })
    if (sample === undefined) continue
    if (!visit(sample)) return false
    if (++numAgreed === numReal) return true
  }
  return numAgreed >= 2 ? true : undefined
}

function sampleAt(nodes: readonly Node[], point: Point): Sample | undefined {
  try {
    return { values: nodes.map((node) => evaluate(node, point)), largest: point.largest }
  } catch (error) {
    if (error instanceof Undefined) return undefined
    throw error
  }
}

/** Negative ones and ones below 1 first, so that every sign and both sides of 1 are met; later ones mostly positive. */
function draw(random: () => number, attempt: number, isWhole: boolean): Complex {
  if (isWhole) return complexOf(integer(2 + attempt + Math.floor(random() * 3)))
  const isNegative = attempt < 12 ? random() < 0.5 : random() < 0.15
  const top = BigInt(50 + Math.floor(random() * (attempt % 2 === 0 ? 3000 : 900)))
  return complexOf(ratio(isNegative ? -top : top, 997n))
}

/** Letters that stand for whole numbers: in factorials, binomials and bounds, and as powers of what is negative. */
function wholeLettersOf(node: Node, found = new Set<string>()): Set<string> {
  if (node.kind === 'call' && (node.name === 'factorial' || node.name === 'binomial' || node.name === 'gcd')) {
    for (const arg of node.args) lettersOf(arg, found)
  } else if (node.kind === 'series') {
    lettersOf(node.from, found)
    lettersOf(node.to, found)
  } else if (node.kind === 'power' && isNegative(node.base)) lettersOf(node.exponent, found)
  for (const child of childrenOf(node)) wholeLettersOf(child, found)
  return found
}

function isNegative(node: Node): boolean {
  return node.kind === 'negative' || (node.kind === 'constant' && node.name === 'i')
}

/** A small linear congruence (Lehmer): the points need spread, not secrecy. */
function generator(seed: number): () => number {
  let state = Number.isFinite(seed) ? (Math.abs(Math.floor(seed)) % 2147483645) + 1 : 1
  const next = () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
  next()
  return next
}
