// A process that ends, or whose worker ends, in the middle of work. Arguments: the kind of work; where, 'main' or 'worker'; how.
import { Worker } from 'node:worker_threads'
import { works } from './work.mjs'

const [kind, where, how] = process.argv.slice(2)

const ends = {
  exit: () => process.exit(7),
  sigterm: () => process.kill(process.pid, 'SIGTERM'),
  throw: () => {
    throw new Error('on purpose')
  },
  reject: () => void Promise.reject(new Error('on purpose')),
  /** Nothing is left to wait for but the work. */
  nothing: () => {},
}

if (where === 'main') {
  // Out of the call that began, so that the work is under way.
  await works[kind](once(() => setTimeout(ends[how], 5)))
} else {
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: kind })
  worker.once('message', () => setTimeout(ends[how], 5))
  worker.once('error', (error) => console.log(`the worker: ${error.message}`))
  worker.once('exit', (status) => console.log(`the worker ended with ${status}`))
}

function once(then) {
  let isDone = false
  return () => {
    if (!isDone) then()
    isDone = true
  }
}
