// Attempts again and again, with longer and longer pauses, as long as there is hope.
import { setTimeout as pause } from 'node:timers/promises'
import { HubError, PassingFailure } from './errors.js'

export interface RetryOptions {
  /** Attempts in a row that bring nothing new. Default 5. */
  maxAttempts?: number | undefined
  /** Before the second attempt, in milliseconds; doubled from there to the next, up to a minute. Default 1000. */
  firstPauseMs?: number | undefined
  /** Ends it; its reason is thrown. */
  signal?: AbortSignal | undefined
}

const longestPauseMs = 60_000

/** Repeats the work while it throws PassingFailure; the last one becomes a HubError. An attempt that made headway starts the count anew. */
export async function withRetries<T>(
  what: string,
  work: () => Promise<T>,
  { maxAttempts = 5, firstPauseMs = 1000, signal }: RetryOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof PassingFailure)) throw error
      const { retryAfterMs, hasProgress } = error.about
      if (hasProgress) attempt = 0
      if (attempt >= maxAttempts) throw givenUp(what, error, maxAttempts)
      const pauseMs = retryAfterMs ?? firstPauseMs * 2 ** Math.max(0, attempt - 1)
      await pause(Math.min(longestPauseMs, pauseMs), undefined, signal && { signal }).catch((cause: unknown) => {
        signal?.throwIfAborted()
        throw cause
      })
    }
  }
}

function givenUp(what: string, { message, about }: PassingFailure, maxAttempts: number): HubError {
  const { cause, status, isUnreachable = false } = about
  return new HubError(`[hub] expected ${what} in ${maxAttempts} attempts, got ${message}`, {
    cause,
    status,
    isUnreachable,
  })
}
