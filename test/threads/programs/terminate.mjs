// Worker threads are terminated in the middle of every kind of work, several at once, while this thread works too. Prints what
// is left of them as JSON. Arguments: how often each, and the longest that one goes on, in milliseconds.
import fs from 'node:fs'
import { Worker } from 'node:worker_threads'
import { device, full, ops, scope } from 'lengthen'
import { works } from './work.mjs'

const [times = 1, longestMs = 50] = process.argv.slice(2).map(Number)
const kinds = Object.keys(works).filter((kind) => kind !== 'failingReward')

async function held() {
  // Enough for every thread of the pool, and behind all that is still queued.
  const sum = scope(() => ops.sum(full([512, 512], 1)))
  const done = await sum.item()
  sum.dispose()
  return { done, usedBytes: device.memoryStats().usedBytes, numThreads: numThreads() }
}

const tasks = '/proc/self/task'
const numThreads = () => (fs.existsSync(tasks) ? fs.readdirSync(tasks).length : 0)

async function terminateAfter(kind, ms) {
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: kind })
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await new Promise((resolve) => setTimeout(resolve, ms))
  return worker.terminate()
}

const before = await held()
const statuses = []
for (let i = 0; i < times; i++) {
  // Each kind is met at another moment in every round.
  const moment = (k) => (longestMs * ((i * 3 + k * 5) % 7)) / 6
  statuses.push(...(await Promise.all(kinds.map((kind, k) => terminateAfter(kind, moment(k))))))
}
console.log(JSON.stringify({ statuses, before, after: await held() }))
