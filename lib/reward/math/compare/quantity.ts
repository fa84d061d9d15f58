// Numbers with their units: 5 cm, $10, 90°, 28 %.
import { type Rational, times } from '../rational.js'
import type { Node } from '../tree.js'
import { type Unit, unitOf } from '../units.js'
import type { Context } from './context.js'
import { isSameScalar } from './scalar.js'

/**
 * A unit may be left out; one that is given is not to be another. Per cent is no unit: 50 % is 0.5. An angle without a unit may be
 * meant in degrees or in radians.
 */
export function isSameQuantity(answer: Node, gold: Node, context: Context): boolean {
  const [a, b] = [splitUnit(answer), splitUnit(gold)]
  if (a.unit !== undefined && b.unit !== undefined) {
    if (a.unit.dimension !== b.unit.dimension)
      return areLoose(a.unit, b.unit) && isSameScalar(a.value, b.value, context)
    if (isSameFactor(a.unit, b.unit)) return isSameScalar(a.value, b.value, context)
    return isSameScalar(scaled(a), scaled(b), context)
  }
  if (isSameScalar(a.value, b.value, context)) return true
  const isAngle = (a.unit ?? b.unit)?.dimension === 'angle'
  return isAngle && isSameScalar(inRadians(a), inRadians(b), context)
}

interface Quantity {
  value: Node
  unit: Unit | undefined
}

export function splitUnit(node: Node): Quantity {
  if (node.kind === 'unit' && node.unit !== '%') {
    const inner = splitUnit(node.of)
    return inner.unit === undefined ? { value: node.of, unit: unitOf(node.unit) } : inner
  }
  if (node.kind === 'negative') {
    const { value, unit } = splitUnit(node.of)
    if (unit !== undefined) return { value: { kind: 'negative', of: value }, unit }
  }
  // 3 \cdot 5\text{ cm}, \frac{1}{2} x \text{ cm}: the unit of the last factor is that of the product.
  const last = node.kind === 'product' ? node.factors.at(-1) : undefined
  if (node.kind === 'product' && last?.kind === 'unit' && last.unit !== '%' && last.unit !== '°') {
    return { value: { ...node, factors: [...node.factors.slice(0, -1), last.of] }, unit: unitOf(last.unit) }
  }
  return { value: node, unit: undefined }
}

/** "units" after a number may stand for whatever it is counted in. */
function areLoose(a: Unit, b: Unit): boolean {
  return a.dimension === 'unit' || b.dimension === 'unit'
}

function isSameFactor(a: Unit, b: Unit): boolean {
  return a.factor.top === b.factor.top && a.factor.bottom === b.factor.bottom
}

function scaled({ value, unit }: Quantity): Node {
  const factor: Rational = unit === undefined ? { top: 1n, bottom: 1n } : times(unit.factor, { top: 1n, bottom: 1n })
  return { kind: 'product', factors: [value, { kind: 'number', value: factor }] }
}

function inRadians({ value, unit }: Quantity): Node {
  return unit?.dimension === 'angle' ? { kind: 'unit', of: value, unit: '°' } : value
}
