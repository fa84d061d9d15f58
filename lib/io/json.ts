// JSON of files that nobody has checked: an error says where, and what nests without end is refused, since code that walks
// such a value calls itself once a level.
import { FileFormatError, messageOf } from '../errors.js'

const maxDepth = 100

export function parseJson(text: string, at: { file: string; place?: string | undefined }): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new FileFormatError(at, `not JSON: ${messageOf(cause)}`, { cause })
  }
  if (isDeeperThan(maxDepth, value))
    throw new FileFormatError(at, `expected JSON nested at most ${maxDepth} levels deep`)
  return value
}

// Level by level: a loop, where recursion would be what this guards against.
function isDeeperThan(limit: number, value: unknown): boolean {
  let level = [value]
  for (let depth = 0; depth <= limit; depth++) {
    const next: unknown[] = []
    for (const item of level)
      if (typeof item === 'object' && item !== null) for (const child of Object.values(item)) next.push(child)
    if (next.length === 0) return false
    level = next
  }
  return true
}
