// Sets of real numbers: intervals, unions, single points, and what inequalities in one letter say.
import { Unreadable } from '../budget.js'
import { type BigFloat, compareFloats, magnitude, negateFloat, subtractFloats } from '../real/big-float.js'
import { magnitudeOf, Undefined } from '../real/complex.js'
import { evaluate } from '../real/evaluate.js'
import { showNode } from '../show-node.js'
import { lettersOf, type Node, type NodeOf } from '../tree.js'
import type { Context } from './context.js'
import { isSameScalar } from './scalar.js'

/** An end: ±∞ where there is no value. `isClosed`: it belongs to the piece. */
interface End {
  node: Node | undefined
  value: BigFloat | undefined
  isClosed: boolean
}

interface Piece {
  low: End
  high: End
}

/** Sorted, apart from each other. */
export type Region = readonly Piece[]

const open: End = { node: undefined, value: undefined, isClosed: false }
const everything: Region = [{ low: open, high: open }]

/** Is there anything that only a set of numbers has: square brackets, a union, an inequality? */
export function isRegionLike(node: Node): boolean {
  switch (node.kind) {
    case 'tuple':
      return node.items.length === 2 && (node.open === '[' || node.close === ']' || node.items.some(isInfinite))
    case 'combination':
      return true
    case 'relation':
      return node.signs.every((sign) => /^[<>≤≥≠∈∉]$/.test(sign))
    case 'list':
      return node.items.length > 0 && node.items.every((item) => item.kind === 'relation' && isRegionLike(item))
    case 'letter':
      return node.name === 'ℝ'
    default:
      return false
  }
}

/** Undefined where the ends are no numbers or it is no set of numbers. */
export function regionOf(node: Node, context: Context): Region | undefined {
  context.budget.charge(10)
  switch (node.kind) {
    case 'letter':
      return node.name === 'ℝ' ? everything : undefined
    case 'tuple':
      return intervalOf(node, context)
    case 'set':
      return unite(node.items.map((item) => pointAt(item, context)))
    case 'combination':
      return combinationOf(node, context)
    case 'relation':
      return solve(node, context)
    case 'list':
      return fromConditions(node, context)
    default:
      return undefined
  }
}

export function isSameRegion(answer: Region, gold: Region, context: Context): boolean {
  const isSameEnd = (a: End, b: End) => {
    if (a.isClosed !== b.isClosed) return false
    if (a.node === undefined || b.node === undefined) return a.node === b.node
    return isSameScalar(a.node, b.node, context)
  }
  if (answer.length !== gold.length) return false
  return answer.every((piece, i) => {
    const other = gold[i] as Piece
    return isSameEnd(piece.low, other.low) && isSameEnd(piece.high, other.high)
  })
}

function isInfinite(node: Node): boolean {
  if (node.kind === 'negative') return isInfinite(node.of)
  return node.kind === 'constant' && node.name === 'infinity'
}

function endAt(node: Node, isClosed: boolean, context: Context): End | undefined {
  if (isInfinite(node)) return open
  const value = valueAt(node, context)
  return value && { node, value, isClosed }
}

function valueAt(node: Node, { budget }: Context): BigFloat | undefined {
  if (lettersOf(node).size > 0) return undefined
  try {
    const { re, im } = evaluate(node, { values: new Map(), isRealDomain: false, budget, largest: 0 })
    return magnitudeOf({ re: im, im }) > -180 ? undefined : re
  } catch (error) {
    if (error instanceof Undefined) return undefined
    throw error
  }
}

function intervalOf({ open: left, close: right, items }: NodeOf<'tuple'>, context: Context): Region | undefined {
  const [a, b] = items
  if (items.length !== 2 || a === undefined || b === undefined || left === '⟨') return undefined
  const [low, high] = [endAt(a, left === '[', context), endAt(b, right === ']', context)]
  if (low === undefined || high === undefined) return undefined
  if (low.value !== undefined && high.value !== undefined && compareFloats(low.value, high.value) > 0) return undefined
  return [{ low, high }]
}

function pointAt(node: Node, context: Context): Region | undefined {
  const end = endAt(node, true, context)
  return end?.node && [{ low: end, high: end }]
}

function combinationOf({ sign, parts }: NodeOf<'combination'>, context: Context): Region | undefined {
  const regions = parts.map((part) => regionOf(part, context))
  if (sign === '∪') return unite(regions)
  if (sign === '∩') return regions.reduce((a, b) => a && b && intersect(a, b))
  return regions.reduce((a, b) => a && b && intersect(a, complement(b)))
}

function fromConditions({ items, isJoint }: NodeOf<'list'>, context: Context): Region | undefined {
  const regions = items.map((item) => regionOf(item, context))
  const joint = isJoint === true ? regions.reduce((a, b) => a && b && intersect(a, b)) : undefined
  return joint !== undefined && joint.length > 0 ? joint : unite(regions)
}

/** What a chain of comparisons says about the one thing in it that is no number; |x| is solved for x. */
function solve({ parts, signs }: NodeOf<'relation'>, context: Context): Region | undefined {
  const subject = parts.find((part) => lettersOf(part).size > 0)
  if (subject === undefined || !isSubject(subject)) return undefined
  const name = showNode(subject)
  let region: Region | undefined = everything
  for (const [i, sign] of signs.entries()) {
    const [left, right] = [parts[i] as Node, parts[i + 1] as Node]
    const isLeft = showNode(left) === name
    if (!isLeft && showNode(right) !== name) return undefined
    const link: Region | undefined = compared(subject, sign, isLeft ? right : left, isLeft, context)
    region = link && region && intersect(region, link)
  }
  return region
}

function isSubject(node: Node): boolean {
  if (node.kind === 'call') return node.args.length === 1 && (node.args[0] as Node).kind === 'letter'
  return node.kind === 'letter'
}

function compared(subject: Node, sign: string, bound: Node, isLeft: boolean, context: Context): Region | undefined {
  if (sign === '∈' || sign === '∉') {
    const set = isLeft ? regionOf(bound, context) : undefined
    return set && (sign === '∈' ? set : complement(set))
  }
  const end = endAt(bound, sign === '≤' || sign === '≥', context)
  if (end === undefined) return undefined
  const isBelow = (sign === '<' || sign === '≤') === isLeft
  const isAbsolute = subject.kind === 'call' && subject.name === 'abs'
  if (sign === '≠')
    return isAbsolute || end.node === undefined ? undefined : complement([{ low: closed(end), high: closed(end) }])
  if (!isAbsolute) return isBelow ? [{ low: open, high: end }] : [{ low: end, high: open }]
  if (end.value === undefined || end.node === undefined || end.value.bits < 0n) return undefined
  const mirrored: End = { ...end, node: { kind: 'negative', of: end.node }, value: negateFloat(end.value) }
  if (isBelow) return [{ low: mirrored, high: end }]
  return [
    { low: open, high: mirrored },
    { low: end, high: open },
  ]
}

function closed(end: End): End {
  return { ...end, isClosed: true }
}

function complement(region: Region): Region {
  const pieces: Piece[] = []
  let low = open
  for (const piece of region) {
    if (piece.low.node !== undefined) pieces.push({ low, high: { ...piece.low, isClosed: !piece.low.isClosed } })
    low = piece.high.node === undefined ? piece.high : { ...piece.high, isClosed: !piece.high.isClosed }
    if (piece.high.node === undefined) return pieces
  }
  pieces.push({ low, high: open })
  return pieces
}

function compareLows(a: End, b: End): number {
  if (a.value === undefined || b.value === undefined) return a.value === b.value ? 0 : a.value === undefined ? -1 : 1
  const order = nearly(a.value, b.value)
  return order === 0 ? Number(b.isClosed) - Number(a.isClosed) : order
}

function compareHighs(a: End, b: End): number {
  if (a.value === undefined || b.value === undefined) return a.value === b.value ? 0 : a.value === undefined ? 1 : -1
  const order = nearly(a.value, b.value)
  return order === 0 ? Number(a.isClosed) - Number(b.isClosed) : order
}

function nearly(a: BigFloat, b: BigFloat): number {
  const order = compareFloats(a, b)
  if (order === 0) return 0
  return magnitude(subtractFloats(a, b)) < Math.max(magnitude(a), magnitude(b)) - 215 ? 0 : order
}

/** A low end above a high end, or at it with one of the two open. */
function isEmpty({ low, high }: Piece): boolean {
  if (low.value === undefined || high.value === undefined) return false
  const order = nearly(low.value, high.value)
  return order > 0 || (order === 0 && !(low.isClosed && high.isClosed))
}

function intersect(a: Region, b: Region): Region {
  if (a.length * b.length > 2500) throw new Unreadable('it has too many intervals')
  const pieces = a.flatMap((x) =>
    b.map((y) => ({
      low: compareLows(x.low, y.low) >= 0 ? x.low : y.low,
      high: compareHighs(x.high, y.high) <= 0 ? x.high : y.high,
    })),
  )
  return pieces.filter((piece) => !isEmpty(piece)).sort((x, y) => compareLows(x.low, y.low))
}

/** Pieces that touch become one. */
function unite(regions: readonly (Region | undefined)[]): Region | undefined {
  if (regions.includes(undefined)) return undefined
  const pieces = (regions as Region[]).flat().filter((piece) => !isEmpty(piece))
  if (pieces.length > 300) throw new Unreadable('it has too many intervals')
  pieces.sort((x, y) => compareLows(x.low, y.low))
  const united: Piece[] = []
  for (const piece of pieces) {
    const last = united.at(-1)
    if (last === undefined || !touches(last.high, piece.low)) united.push(piece)
    else if (compareHighs(piece.high, last.high) > 0) united[united.length - 1] = { low: last.low, high: piece.high }
  }
  return united
}

function touches(high: End, low: End): boolean {
  if (high.value === undefined || low.value === undefined) return true
  const order = nearly(low.value, high.value)
  return order < 0 || (order === 0 && (low.isClosed || high.isClosed))
}
