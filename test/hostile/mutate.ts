// Valid files with a few things wrong.
import fc from 'fast-check'

/** Stands for text that no value has: JSON of great depth, a number beyond doubles. */
const rawTexts: Record<string, string> = {
  '@deep': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  '@deepObject': `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  '@infinite': '1e999',
  '@long': '1'.repeat(5000),
}

const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...Object.keys(rawTexts)),
  fc.constantFrom<unknown>(null, true, false, -1, 0, 0.5, 1, 2, 7, -0, 1e308, 5e-324),
  fc.constantFrom<unknown>(2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 2 ** 64, -(2 ** 53)),
  fc.constantFrom<unknown>(
    '',
    'x',
    '../x',
    '/etc/passwd',
    '__proto__',
    'constructor',
    'toString',
    '\0',
    '\ud800',
    '((a+)+',
    '(a+)+$',
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    [[]],
    [null],
    [-1, 1],
    [2 ** 53 - 1, 2 ** 53 - 1],
    [0, 2 ** 53 - 1],
    'a'.repeat(100_000),
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

export type Mutation =
  | { kind: 'replace' | 'add' | 'duplicate'; at: number; value: unknown }
  | { kind: 'delete' | 'swap'; at: number; value?: undefined }

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('replace', 'replace', 'add', 'duplicate'), at: fc.nat(), value: hostileValue }),
  fc.record({ kind: fc.constantFrom('delete', 'swap'), at: fc.nat() }),
) as fc.Arbitrary<Mutation>

export const mutations = fc.array(mutation, { minLength: 1, maxLength: 2 })

type Holder = Record<string, unknown>

/** JSON text of a value with the mutations made. */
export function mutatedJson(value: unknown, changes: readonly Mutation[]): string {
  const root = { root: structuredClone(value) }
  const duplicates: unknown[] = []
  for (const change of changes) {
    const places = placesIn(root)
    const place = places[change.at % places.length]
    if (!place) break
    const [holder, key] = place
    if (change.kind === 'delete') delete holder[key]
    else if (change.kind === 'swap') swap([holder, key], places[(change.at >> 8) % places.length] as [Holder, string])
    else if (change.kind === 'replace') holder[key] = change.value
    else if (change.kind === 'duplicate') duplicates.push([key, change.value])
    else addKey(holder[key], ['__proto__', 'constructor', 'x', '999'][change.at % 4] as string, change.value)
  }
  let text = JSON.stringify(root.root) ?? ''
  for (const pair of duplicates) {
    const [key, hostile] = pair as [string, unknown]
    text = text.replace(/\}$/, () => `,${JSON.stringify(key)}:${JSON.stringify(hostile)}}`)
  }
  for (const [name, raw] of Object.entries(rawTexts)) text = text.replaceAll(`"${name}"`, raw)
  return text
}

/** A plain assignment of __proto__ would set the prototype. */
function addKey(target: unknown, key: string, value: unknown): void {
  if (typeof target === 'object' && target !== null)
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

function swap([a, keyA]: [Holder, string], [b, keyB]: [Holder, string]): void {
  const [valueA, valueB] = [a[keyA], b[keyB]]
  // One inside the other would make a circle.
  if (typeof valueA === 'object' || typeof valueB === 'object') return
  a[keyA] = valueB
  b[keyB] = valueA
}

function placesIn(root: Holder): [Holder, string][] {
  const places: [Holder, string][] = []
  const visit = (holder: Holder) => {
    for (const key of Object.keys(holder)) {
      places.push([holder, key])
      const child = holder[key]
      // Long lists and vocabularies: their first few stand for all.
      if (typeof child === 'object' && child !== null && places.length < 3000) visit(child as Holder)
    }
  }
  visit(root)
  return places
}

export interface ByteChange {
  at: number
  value: number
  kind: 'set' | 'truncate' | 'insert' | 'repeat'
}

export const byteChanges = fc.array(
  fc.record({
    at: fc.nat(),
    value: fc.nat(255),
    kind: fc.constantFrom('set', 'set', 'truncate', 'insert', 'repeat'),
  }) as fc.Arbitrary<ByteChange>,
  { minLength: 1, maxLength: 4 },
)

/** `within`: the first bytes, where the changes go. */
export function mutatedBytes(bytes: Uint8Array, changes: readonly ByteChange[], within = bytes.length): Buffer {
  let result = Buffer.from(bytes)
  for (const { at, value, kind } of changes) {
    const place = at % Math.max(1, Math.min(within, result.length))
    const [before, after] = [result.subarray(0, place), result.subarray(place)]
    if (kind === 'truncate') result = Buffer.from(before)
    else if (kind === 'insert') result = Buffer.concat([before, Buffer.of(value), after])
    else if (kind === 'repeat') result = Buffer.concat([before, after.subarray(0, value), after])
    else if (place < result.length) result[place] = value
  }
  return result
}
