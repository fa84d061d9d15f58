// Synchronous code that may never end, with a deadline: V8 breaks off even a regular expression. It costs about 0.1 ms.
import { createContext, Script } from 'node:vm'

const context = createContext({ fn: undefined as unknown })
const call = new Script('fn()')

/** What fn returns; where the deadline comes first, what `late` makes is thrown. */
export function withDeadline<Result>(fn: () => Result, deadlineMs: number, late: () => Error): Result {
  context.fn = fn
  try {
    return call.runInContext(context, { timeout: deadlineMs }) as Result
  } catch (error) {
    throw (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? late() : error
  } finally {
    context.fn = undefined
  }
}
