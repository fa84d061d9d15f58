// SIGINT and SIGTERM: the work is asked to stop; a process that has not stopped soon after, or is told again, ends all the same.
import { InterruptedError, reportFailure } from './failure.js'

const usualPatienceMs = 1500
/** npm passes on to its script the Ctrl-C that the terminal has already sent there. */
const echoMs = 300

export interface InterruptOptions {
  /** How far the work has come, to people, */
  done?: () => string
  /** and to programs. */
  facts?: () => object
  /** After the first interrupt; Infinity for work that ends by itself, and may take its time. */
  patienceMs?: number
  /** Called at the first interrupt. */
  told?: () => void
}

/** Runs the work with a signal that an interrupt aborts. A second one ends the process at once. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { done = () => '', facts = () => ({}), patienceMs = usualPatienceMs, told = () => {} }: InterruptOptions = {},
): Promise<T> {
  const interrupted = new AbortController()
  let firstAt = 0
  let failure = () => new InterruptedError('interrupted')
  const interrupt = (name: string) => {
    if (interrupted.signal.aborted) return performance.now() - firstAt > echoMs ? end() : undefined
    firstAt = performance.now()
    failure = () => new InterruptedError(`interrupted by ${name}${done()}`, facts())
    interrupted.abort(failure())
    told()
    if (patienceMs < Number.POSITIVE_INFINITY) setTimeout(end, patienceMs).unref()
  }
  const end = () => {
    process.exit(reportFailure(failure()))
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    return await work(interrupted.signal)
  } catch (error) {
    // It has come further since it was interrupted.
    throw error === interrupted.signal.reason ? failure() : error
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}
