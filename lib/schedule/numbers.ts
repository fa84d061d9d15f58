// Numbers as people read them.

/** Three digits that count, of thousands five. */
export const short = (value: number): string => `${Number(value.toPrecision(value >= 1000 ? 5 : 3))}`

/** 0.065 → "6.5%". */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))}%`

/** A count of steps, runs or the like. */
export const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1
