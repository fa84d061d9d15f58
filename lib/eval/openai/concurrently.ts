// Several pieces of work under way at once, each result as soon as it is there.
import { setMaxListeners } from 'node:events'

/** At most `limit` at a time. The first that fails ends it; the signal then stops those under way, and also where nobody waits any more. */
export async function* concurrently<T, R>(
  items: readonly T[],
  { limit, signal }: { limit: number; signal?: AbortSignal | undefined },
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R, void> {
  const stopped = new AbortController()
  const stop = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal
  setMaxListeners(0, stop) // one for each that waits is no leak
  const running = new Map<number, Promise<{ at: number; result: R }>>()
  let next = 0
  try {
    while (next < items.length || running.size > 0) {
      for (; next < items.length && running.size < limit; next++) {
        const at = next
        const placed = work(items[at] as T, stop).then((result) => ({ at, result }))
        running.set(at, placed)
      }
      const { at, result } = await Promise.race(running.values())
      running.delete(at)
      yield result
    }
  } finally {
    stopped.abort()
    await Promise.allSettled(running.values())
  }
}
