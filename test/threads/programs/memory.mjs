// Workers come and go in a process whose main thread never loads the addon. Prints what each leaves in the process.
import fs from 'node:fs'
import { Worker } from 'node:worker_threads'

const code = `
  import('lengthen').then(async ({ full, ops }) => {
    const x = full([10, 1000, 1000], 1)
    const more = Array.from({ length: 3 }, () => ops.add(x, 1))
    await more.at(-1).toArray()
    more[0].dispose()
  })`
const tasks = '/proc/self/task'
const residentMb = []
const numThreads = []
for (let i = 0; i < 4; i++) {
  const worker = new Worker(code, { eval: true })
  await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
  residentMb.push(Math.round(process.memoryUsage.rss() / 1e6))
  numThreads.push(fs.existsSync(tasks) ? fs.readdirSync(tasks).length : 0)
}
console.log(JSON.stringify({ residentMb, numThreads }))
