// So many tasks at once, the others in the order they came.

export class Slots {
  readonly #waiting: (() => void)[] = []
  #numFree: number

  constructor(numSlots: number) {
    this.#numFree = numSlots
  }

  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#numFree > 0) this.#numFree -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#numFree += 1
    }
  }
}
