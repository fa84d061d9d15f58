// What one comparison may cost. Work is counted, not timed, so that a verdict never depends on how busy the machine is.

/** What one comparison may cost. Work is counted, not timed. */
export interface Limits {
  /** Letters (UTF-16 units) of one final answer; a longer one is unreadable. Default 4000. */
  maxLetters?: number
  /** Counted steps for one comparison; a step is about a tenth of a microsecond. Default 150,000. */
  maxOperations?: number
  /** Of the points at which expressions are compared. Default 0. */
  seed?: number
  /**
   * How many decimals make an answer's decimal as good as an exact gold, as 0.33 is for 1/3 with 2. Without it a decimal is a
   * fraction only when it is exactly that fraction.
   */
  numDecimals?: number | undefined
}

export const defaultLimits = {
  maxLetters: 4000,
  maxOperations: 150_000,
  seed: 0,
  numDecimals: undefined,
} as const satisfies Limits

/** The text cannot be read as mathematics, or not within the limits. Its message is the reason a verdict gives. */
export class Unreadable extends Error {
  override name = 'Unreadable'
}

/** The limits were reached: unlike other unreadable answers, such a one is not taken for words. */
export class OverBudget extends Unreadable {
  override name = 'OverBudget'
}

export class Budget {
  private used = 0
  constructor(readonly max: number = defaultLimits.maxOperations) {}

  get numUsed(): number {
    return this.used
  }

  /** @throws OverBudget when more than the limit was charged. */
  charge(operations = 1): void {
    this.used += operations
    if (this.used > this.max) throw new OverBudget(`it needs more than ${this.max} operations`)
  }

  /** For arithmetic on big integers: long ones cost in the square of their size. */
  chargeBits(bits: number): void {
    const words = bits / 64
    this.charge(1 + words / 8 + (words * words) / 64)
  }
}
