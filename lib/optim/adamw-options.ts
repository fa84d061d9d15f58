// AdamW's arguments, checked when the optimizer is made: an option that nobody reads would leave a default in place, unseen.
import { checkOptions, type OptionKeys, requireEach } from '../arguments.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'
import type { AdamWOptions } from './adamw.js'
import { momentFormats } from './moments.js'

const optionKeys: OptionKeys<AdamWOptions> = {
  learningRate: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  weightDecay: true,
  useDecayOnVectors: true,
  moments: true,
}

/** Throws for a key that AdamW does not have, a learning rate that is missing, and what is out of range. */
export function checkAdamWOptions(options: AdamWOptions): void {
  checkOptions('adamw', options, optionKeys)
  const { learningRate, beta1 = 0, beta2 = 0, epsilon = 1, weightDecay = 0 } = options
  const { useDecayOnVectors = true, moments = 'f32' } = options
  requireEach('adamw', 'a finite number of at least 0', { learningRate, weightDecay }, isNotNegative)
  requireEach(
    'adamw',
    'a number from 0 to below 1',
    { beta1, beta2 },
    (beta) => isNotNegative(beta) && Number(beta) < 1,
  )
  requireEach('adamw', 'a finite number above 0', { epsilon }, (value) => isNotNegative(value) && value !== 0)
  requireEach('adamw', 'true or false', { useDecayOnVectors }, (value) => typeof value === 'boolean')
  requireEach('adamw', `${momentFormats.join(', ')} or a function`, { moments }, isMoments)
}

/** The parameters as a list of tensors. */
export function parametersOf(parameters: Iterable<Tensor>): Tensor[] {
  const isIterable =
    typeof (parameters as Partial<Iterable<Tensor>> | null | undefined)?.[Symbol.iterator] === 'function'
  requireEach('adamw', 'a list of tensors', { parameters }, () => isIterable)
  const all = [...parameters]
  for (const parameter of all) requireTensors('adamw', { 'each parameter': parameter })
  return all
}

const isNotNegative = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0

const isMoments = (value: unknown): boolean =>
  typeof value === 'function' || (momentFormats as readonly unknown[]).includes(value)
