/** Numbers from a seed (splitmix32): the same pairs on every machine and in every run. */
export class Draw {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0
  }

  /** An integer from low to high, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1))
  }

  /** An integer from low to high that is none of the excluded ones. */
  intBut(low: number, high: number, ...excluded: number[]): number {
    for (;;) {
      const value = this.int(low, high)
      if (!excluded.includes(value)) return value
    }
  }

  /** A positive integer of exactly this many decimal digits. */
  digits(count: number): bigint {
    let text = String(this.int(1, 9))
    while (text.length < count) text += this.int(0, 9)
    return BigInt(text)
  }

  isHeads(): boolean {
    return this.unit() < 0.5
  }

  pick<T>(list: readonly T[]): T {
    const value = list[this.int(0, list.length - 1)]
    if (value === undefined) throw new Error('[pick] expected a list with an entry, got none')
    return value
  }

  shuffled<T>(list: readonly T[]): T[] {
    const copy = list.map((value) => ({ value, key: this.unit() }))
    return copy.sort((a, b) => a.key - b.key).map(({ value }) => value)
  }

  /** A shuffle that differs from the list, whose entries must differ from each other. */
  reordered<T>(list: readonly T[]): T[] {
    for (;;) {
      const copy = this.shuffled(list)
      if (copy.some((value, index) => value !== list[index])) return copy
    }
  }

  /** Different integers from low to high. */
  distinct(count: number, low: number, high: number): number[] {
    const values = new Set<number>()
    while (values.size < count) values.add(this.int(low, high))
    return [...values]
  }

  private unit(): number {
    this.state = (this.state + 0x9e3779b9) | 0
    let mixed = this.state ^ (this.state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 2 ** 32
  }
}
