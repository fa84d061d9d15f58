// SIGINT and SIGTERM: the work is asked to stop, and a process that has not stopped soon after ends all the same.
import { InterruptedError } from './failure.js'

const patienceMs = 1500

/** Runs the work with a signal that an interrupt aborts. `done` says how far the work has come, for the message. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { done = () => '' }: { done?: () => string } = {},
): Promise<T> {
  const interrupted = new AbortController()
  const interrupt = (name: string) => {
    const reason = new InterruptedError(`interrupted by ${name}${done()}`)
    interrupted.abort(reason)
    setTimeout(() => {
      process.stderr.write(`lengthen: ${reason.message}\n`)
      process.exit(1)
    }, patienceMs).unref()
  }
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    return await work(interrupted.signal)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}
