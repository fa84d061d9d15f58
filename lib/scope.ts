// scope(fn): tensors made inside die at its end, except what fn returns.
import { requireFunctions } from './arguments.js'
import { ArgumentError } from './errors.js'

/** What a scope disposes: a tensor. */
export abstract class ScopeMember {
  /** Called at the end of its scope; must be safe to call again. */
  abstract dispose(): void
}

let current: ScopeMember[] | null = null

/** Called for each new member: the innermost scope will dispose it. */
export function track(member: ScopeMember): void {
  current?.push(member)
}

/**
 * Runs fn and disposes every tensor made inside, except those found in what it returns (in arrays, objects, Maps, Sets and
 * class instances); these belong to the scope around this one. Gradients and optimizer state survive. Synchronous functions
 * only: across an `await`, use `using`.
 *
 * @throws {@link ArgumentError} where fn is no function, or returns a promise
 *
 * @example
 * ```ts
 * import { ops, scope, tensor } from 'lengthen'
 *
 * // What is made in between is freed; the result stays.
 * using norm = scope(() => ops.sqrt(ops.sum(ops.square(tensor([3, 4])))))
 * console.log(await norm.item()) // 5
 * ```
 */
export function scope<T>(fn: () => T): T {
  requireFunctions('scope', { fn })
  const { result, kept } = runScope('scope', fn)
  if (current) current.push(...kept)
  return result
}

/** scope(), with what survives left to the caller. */
export function runScope<T>(name: string, fn: () => T): { result: T; kept: Set<ScopeMember> } {
  const outer = current
  const members: ScopeMember[] = []
  current = members
  let kept = new Set<ScopeMember>()
  try {
    const result = rejectPromise(name, fn())
    kept = findMembers(result, members)
    return { result, kept }
  } finally {
    current = outer
    for (const member of members) if (!kept.has(member)) member.dispose()
  }
}

/** Runs fn with no scope around it: what it makes lives until it is disposed. */
export function withoutScope<T>(fn: () => T): T {
  const outer = current
  current = null
  try {
    return fn()
  } finally {
    current = outer
  }
}

/** Throws where a function that must be synchronous returned a promise. */
export function rejectPromise<T>(name: string, result: T): T {
  const isPromise = typeof (result as { then?: unknown } | null | undefined)?.then === 'function'
  if (!isPromise) return result
  // The abandoned function will fail on disposed tensors; this error is the one to see.
  Promise.resolve(result).catch(() => {})
  throw new ArgumentError(
    `[${name}] expected a synchronous function, got one that returns a promise: dispose with 'using' across an await`,
  )
}

function findMembers(result: unknown, members: ScopeMember[]): Set<ScopeMember> {
  const found = new Set<ScopeMember>()
  if (members.length === 0 || !isObject(result)) return found
  const own = new Set(members)
  const seen = new Set<object>([result])
  const pending: object[] = [result]
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (value instanceof ScopeMember) {
      if (own.has(value)) found.add(value)
      continue
    }
    for (const child of childrenOf(value)) {
      if (!isObject(child) || seen.has(child)) continue
      seen.add(child)
      pending.push(child)
    }
  }
  return found
}

function childrenOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value
  if (value instanceof Map) return [...value.keys(), ...value.values()]
  if (ArrayBuffer.isView(value)) return []
  return Object.values(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
