// SIGINT and SIGTERM: the work is asked to stop; a process that has not stopped soon after, or is told again, ends all the same.
import { InterruptedError, reportFailure } from './failure.js'

const patienceMs = 1500
/** npm passes on to its script the Ctrl-C that the terminal has already sent there. */
const echoMs = 300

/** Runs the work with a signal that an interrupt aborts. `done` and `facts` say how far it has come, to people and to programs. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { done = () => '', facts = () => ({}) }: { done?: () => string; facts?: () => object } = {},
): Promise<T> {
  const interrupted = new AbortController()
  let firstAt = 0
  const interrupt = (name: string) => {
    if (interrupted.signal.aborted) return performance.now() - firstAt > echoMs ? end() : undefined
    firstAt = performance.now()
    interrupted.abort(new InterruptedError(`interrupted by ${name}${done()}`, facts()))
    setTimeout(end, patienceMs).unref()
  }
  const end = () => {
    process.exit(reportFailure(interrupted.signal.reason))
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    return await work(interrupted.signal)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}
