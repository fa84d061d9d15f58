// Between two pieces of synchronous work on the JavaScript thread: lets what waits on the event loop run first.
import { setImmediate } from 'node:timers/promises'

/** A whole turn of the event loop, timers included: those come before the second of two immediates, not always the first. */
export async function turnOfEventLoop(): Promise<void> {
  await setImmediate()
  await setImmediate()
}
