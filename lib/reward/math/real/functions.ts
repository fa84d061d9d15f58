// The functions by name, at complex arguments.
import type { Budget } from '../budget.js'
import { Unreadable } from '../budget.js'
import {
  absoluteFloat,
  compareFloats,
  floatZero,
  floorFloat,
  fromInteger,
  negateFloat,
  roundFloat,
} from './big-float.js'
import {
  addComplex,
  type Complex,
  complexOne,
  divideComplex,
  exponentialOf,
  imaginaryUnit,
  isReal,
  isZero,
  logarithmOf,
  magnitudeOf,
  modulus,
  multiplyComplex,
  negateComplex,
  realNumber,
  sineCosineOf,
  squareRootOf,
  subtractComplex,
  undefinedHere,
  whole,
} from './complex.js'
import { angleOf } from './elementary.js'

type Function = (args: readonly Complex[], budget: Budget) => Complex

function unary(of: (z: Complex) => Complex): Function {
  return ([z]) => of(z ?? undefinedArgument())
}

function undefinedArgument(): never {
  throw new Unreadable('a function lacks an argument')
}

function inverse(z: Complex): Complex {
  return divideComplex(complexOne, z)
}

function sine(z: Complex): Complex {
  return sineCosineOf(z)[0]
}

function cosine(z: Complex): Complex {
  return sineCosineOf(z)[1]
}

/** A pole's cosine is not quite zero in finite digits. */
function ratioOf(top: Complex, bottom: Complex): Complex {
  if (magnitudeOf(bottom) < -200) throw undefinedHere
  return divideComplex(top, bottom)
}

function tangent(z: Complex): Complex {
  const [s, c] = sineCosineOf(z)
  return ratioOf(s, c)
}

function cotangent(z: Complex): Complex {
  const [s, c] = sineCosineOf(z)
  return ratioOf(c, s)
}

/** asin z = −i log(iz + √(1 − z²)) */
function arcSine(z: Complex): Complex {
  if (isReal(z) && magnitudeOf(z) <= 0) {
    return realNumber(angleOf(squareRootOf(subtractComplex(complexOne, multiplyComplex(z, z))).re, z.re))
  }
  const root = squareRootOf(subtractComplex(complexOne, multiplyComplex(z, z)))
  const inner = addComplex(multiplyComplex(imaginaryUnit, z), root)
  return negateComplex(multiplyComplex(imaginaryUnit, logarithmOf(inner)))
}

/** acos z = π/2 − asin z; for real z the angle of (z, √(1 − z²)). */
function arcCosine(z: Complex): Complex {
  if (isReal(z) && compareFloats(absoluteFloat(z.re), complexOne.re) <= 0) {
    return realNumber(angleOf(z.re, squareRootOf(subtractComplex(complexOne, multiplyComplex(z, z))).re))
  }
  return subtractComplex(arcSine(complexOne), arcSine(z))
}

/** atan z = (i/2) (log(1 − iz) − log(1 + iz)) */
function arcTangent(z: Complex): Complex {
  if (isReal(z)) return realNumber(angleOf(complexOne.re, z.re))
  const iz = multiplyComplex(imaginaryUnit, z)
  const difference = subtractComplex(
    logarithmOf(subtractComplex(complexOne, iz)),
    logarithmOf(addComplex(complexOne, iz)),
  )
  return divideComplex(multiplyComplex(imaginaryUnit, difference), whole(2))
}

function hyperbolicSine(z: Complex): Complex {
  const up = exponentialOf(z)
  return divideComplex(subtractComplex(up, inverse(up)), whole(2))
}

function hyperbolicCosine(z: Complex): Complex {
  const up = exponentialOf(z)
  return divideComplex(addComplex(up, inverse(up)), whole(2))
}

function hyperbolicTangent(z: Complex): Complex {
  return divideComplex(hyperbolicSine(z), hyperbolicCosine(z))
}

/** asinh z = log(z + √(z² + 1)) */
function areaSine(z: Complex): Complex {
  return logarithmOf(addComplex(z, squareRootOf(addComplex(multiplyComplex(z, z), complexOne))))
}

function areaCosine(z: Complex): Complex {
  const root = multiplyComplex(squareRootOf(addComplex(z, complexOne)), squareRootOf(subtractComplex(z, complexOne)))
  return logarithmOf(addComplex(z, root))
}

function areaTangent(z: Complex): Complex {
  const difference = subtractComplex(
    logarithmOf(addComplex(complexOne, z)),
    logarithmOf(subtractComplex(complexOne, z)),
  )
  return divideComplex(difference, whole(2))
}

function logarithmBase([z, base]: readonly Complex[]): Complex {
  const top = logarithmOf(z ?? undefinedArgument())
  return base === undefined ? top : ratioOf(top, logarithmOf(base))
}

function realPart(z: Complex): Complex {
  if (!isReal(z)) throw undefinedHere
  return z
}

/** What is within 2^-200 of a whole number is that number. */
function floorOf(z: Complex): Complex {
  const { re } = realPart(z)
  const nearest = roundFloat(re)
  const distance = subtractComplex(z, realNumber(fromInteger(nearest)))
  return realNumber(fromInteger(magnitudeOf(distance) < -180 ? nearest : floorFloat(re)))
}

function wholeArgument(z: Complex | undefined): bigint {
  if (z === undefined) return undefinedArgument()
  const { re } = realPart(z)
  const nearest = roundFloat(re)
  if (magnitudeOf(subtractComplex(z, realNumber(fromInteger(nearest)))) > -180) throw undefinedHere
  return nearest
}

function factorial([z]: readonly Complex[], budget: Budget): Complex {
  const n = wholeArgument(z)
  if (n < 0n) throw undefinedHere
  if (n > 3000n) throw new Unreadable('a factorial is too large')
  budget.charge(Number(n) * 4)
  let product = complexOne
  for (let k = 2n; k <= n; k++) product = multiplyComplex(product, realNumber(fromInteger(k)))
  return product
}

function binomial([n, k]: readonly Complex[], budget: Budget): Complex {
  const count = wholeArgument(k)
  if (n === undefined) return undefinedArgument()
  if (count > 3000n) throw new Unreadable('a binomial coefficient is too large')
  if (count < 0n) return whole(0)
  budget.charge(Number(count) * 8)
  let product = complexOne
  for (let i = 0n; i < count; i++) {
    const factor = subtractComplex(n, realNumber(fromInteger(i)))
    product = divideComplex(multiplyComplex(product, factor), realNumber(fromInteger(i + 1n)))
  }
  return product
}

function extreme(args: readonly Complex[], sign: number): Complex {
  return args.reduce((a, b) => (sign * compareFloats(realPart(a).re, realPart(b).re) >= 0 ? a : b))
}

export const complexFunctions: Readonly<Record<string, Function>> = {
  sin: unary(sine),
  cos: unary(cosine),
  tan: unary(tangent),
  cot: unary(cotangent),
  sec: unary((z) => ratioOf(complexOne, cosine(z))),
  csc: unary((z) => ratioOf(complexOne, sine(z))),
  asin: unary(arcSine),
  acos: unary(arcCosine),
  atan: unary(arcTangent),
  acot: unary((z) => subtractComplex(arcSine(complexOne), arcTangent(z))),
  asec: unary((z) => arcCosine(inverse(z))),
  acsc: unary((z) => arcSine(inverse(z))),
  sinh: unary(hyperbolicSine),
  cosh: unary(hyperbolicCosine),
  tanh: unary(hyperbolicTangent),
  coth: unary((z) => inverse(hyperbolicTangent(z))),
  sech: unary((z) => inverse(hyperbolicCosine(z))),
  csch: unary((z) => inverse(hyperbolicSine(z))),
  asinh: unary(areaSine),
  acosh: unary(areaCosine),
  atanh: unary(areaTangent),
  exp: unary(exponentialOf),
  cis: unary((z) => exponentialOf(multiplyComplex(imaginaryUnit, z))),
  log: logarithmBase,
  lg: ([z]) => logarithmBase([z ?? undefinedArgument(), whole(10)]),
  abs: unary((z) => realNumber(modulus(z))),
  Re: unary(({ re }) => realNumber(re)),
  Im: unary(({ im }) => realNumber(im)),
  sign: unary((z) => (isZero(z) ? z : whole(realPart(z).re.bits < 0n ? -1 : 1))),
  floor: unary(floorOf),
  ceil: unary((z) => negateComplex(floorOf(negateComplex(z)))),
  factorial,
  binomial,
  max: (args) => extreme(args, 1),
  min: (args) => extreme(args, -1),
  conjugate: unary(({ re, im }) => ({ re, im: im.bits === 0n ? floatZero : negateFloat(im) })),
}
