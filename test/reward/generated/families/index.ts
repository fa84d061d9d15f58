import type { Family } from '../pair.js'
import { degrees, money, percentages, quantities } from './amounts.js'
import { upToAConstant } from './antiderivatives.js'
import { numberBases } from './bases.js'
import { emptySets, lists, listsOfTuples, plusMinus, sets, tuples } from './collections.js'
import { complexNumbers, moduli, powersOfI } from './complex.js'
import { infinities, multiplesOfPi, nearlyPi, powersOfE } from './constants.js'
import { exactDecimals, repeatingDecimals, roundedAnswers, roundedGolds, scientific } from './decimals.js'
import { equations, equationsAndNumbers, namedFunctions, solutions } from './equations.js'
import { arithmetic, fractionSigns, fractions, mixedNumbers, nestedFractions, upsideDown } from './fractions.js'
import { chains, halfLines, inequalities, inequalitiesInLetters, unequal } from './inequalities.js'
import { integers, largeIntegers, separatorsThatAreNot } from './integers.js'
import { endsOfOtherKinds, intervals, mergedUnions, unions } from './intervals.js'
import { logarithms, logarithmsOfLetters } from './logarithms.js'
import { matrices, matricesOfExpressions, vectors } from './matrices.js'
import { changedLetters, polynomials, powersOfSums, rationalFunctions } from './polynomials.js'
import { binomials, factorials, largePowers, powers } from './powers.js'
import { higherRoots, nearlyWhole, roots, sumsOfRoots } from './roots.js'
import { absoluteValues, floors } from './rounding.js'
import { products, sums } from './sums.js'
import { identities, inverseFunctions, trigonometricValues } from './trigonometry.js'
import { choices, phraseAnswers, ratiosAndTimes, textAnswers } from './words.js'

/** All the kinds of answer that are tried. */
export const families: readonly Family[] = [
  integers,
  largeIntegers,
  separatorsThatAreNot,
  fractions,
  upsideDown,
  arithmetic,
  nestedFractions,
  mixedNumbers,
  fractionSigns,
  exactDecimals,
  roundedAnswers,
  roundedGolds,
  repeatingDecimals,
  scientific,
  percentages,
  quantities,
  money,
  degrees,
  textAnswers,
  phraseAnswers,
  choices,
  ratiosAndTimes,
  multiplesOfPi,
  nearlyPi,
  powersOfE,
  infinities,
  roots,
  higherRoots,
  sumsOfRoots,
  nearlyWhole,
  powers,
  largePowers,
  factorials,
  binomials,
  logarithms,
  logarithmsOfLetters,
  trigonometricValues,
  inverseFunctions,
  identities,
  absoluteValues,
  floors,
  sums,
  products,
  polynomials,
  powersOfSums,
  rationalFunctions,
  changedLetters,
  solutions,
  equations,
  namedFunctions,
  equationsAndNumbers,
  inequalities,
  chains,
  halfLines,
  unequal,
  inequalitiesInLetters,
  intervals,
  unions,
  mergedUnions,
  endsOfOtherKinds,
  tuples,
  sets,
  emptySets,
  lists,
  listsOfTuples,
  plusMinus,
  matrices,
  vectors,
  matricesOfExpressions,
  complexNumbers,
  powersOfI,
  moduli,
  numberBases,
  upToAConstant,
]
