// Values of a columnar file as JSON has them.

/** The columns that have a value. `scales` has the digits behind the point of each column of decimals. */
export function plainRow(row: Record<string, unknown>, scales: ReadonlyMap<string, number>): Record<string, unknown> {
  const filled = Object.entries(row).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(filled.map(([name, value]) => [name, rounded(plainValue(value), scales.get(name))]))
}

// The reader multiplies by a power of 0.1, so that 0.57 comes as 0.5700000000000001.
const rounded = (value: unknown, scale: number | undefined): unknown =>
  typeof value === 'number' && scale !== undefined && scale <= 100 ? Number(value.toFixed(scale)) : value

/** Exact: an integer beyond 2^53 becomes text, not the nearest number. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value !== 'object' || value === null) return value ?? null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, plainValue)
  if (Array.isArray(value)) return value.map(plainValue)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainValue(inner)]))
}
