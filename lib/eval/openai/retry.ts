// Asks again after what passes: later each time, and not before the server allows it.
import { setTimeout as wait } from 'node:timers/promises'
import { LastingFailure, PassingFailure, ServerError } from './failures.js'

export interface RetryOptions {
  /** After the first attempt. */
  numRetries: number
  /** Before the first retry, in milliseconds; doubled for each one after. */
  firstDelayMs: number
}

const longestDelayMs = 60_000
/** A server that asks for more patience than this, in milliseconds, is not waited for. */
export const longestRetryAfterMs = 600_000

/** Holds everyone back while one has been told to wait. */
export class Gate {
  #opensAt = 0

  close(forMs: number): void {
    this.#opensAt = Math.max(this.#opensAt, performance.now() + forMs)
  }

  async pass(signal: AbortSignal | undefined): Promise<void> {
    for (let left = this.#opensAt - performance.now(); left > 0; left = this.#opensAt - performance.now())
      await wait(Math.ceil(left), undefined, signal && { signal })
  }
}

/**
 * The result of the first attempt that succeeds; a LastingFailure where the retries are used up, a ServerError where the server asks
 * for more patience than there is.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { numRetries, firstDelayMs, gate, signal }: RetryOptions & { gate: Gate; signal?: AbortSignal | undefined },
): Promise<T> {
  for (let numTried = 1; ; numTried++) {
    await gate.pass(signal)
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error
      const { message, retryAfterMs, isForAll } = error
      if (numTried > numRetries) throw new LastingFailure(`${message}; asked ${numTried} times`)
      if (retryAfterMs !== undefined && retryAfterMs > longestRetryAfterMs)
        throw new ServerError(`[server] ${message}; it asks to be left alone for ${Math.ceil(retryAfterMs / 1000)} s`)
      const ms = retryAfterMs ?? backoffMs(numTried, firstDelayMs)
      if (isForAll) gate.close(ms)
      else await wait(ms, undefined, signal && { signal })
    }
  }
}

/** Half of it by chance, so that those who failed together do not come back together. */
function backoffMs(numTried: number, firstDelayMs: number): number {
  const most = Math.min(longestDelayMs, firstDelayMs * 2 ** (numTried - 1))
  return most * (0.5 + 0.5 * Math.random())
}

/** Of a Retry-After header, seconds or a date (RFC 9110, section 10.2.3), in milliseconds; undefined where it is neither. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return 1000 * Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
