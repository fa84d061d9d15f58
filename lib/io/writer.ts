// Who writes a file, as a part of its temporary name. The threads of a process have one number, and each counts from 0.
import { threadId } from 'node:worker_threads'
import { isRunning } from './is-running.js'

/** This thread: `1234`, the process's number, and in a worker `1234t5`. */
export const ownWriter = threadId === 0 ? `${process.pid}` : `${process.pid}t${threadId}`

/** What a regular expression finds it by. */
export const writerPattern = String.raw`\d+(?:t\d+)?`

/** Whether it may still be at work; another thread of a living process may. Of this one only the caller knows what it writes. */
export function isOtherWriter(writer: string): boolean {
  // A process of our number that is not this one is no more.
  return writer !== ownWriter && isRunning(Number.parseInt(writer, 10))
}
