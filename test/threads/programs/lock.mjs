// A worker is terminated that works in a run's directory, and the main thread goes on there. Its argument is the directory.
import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { RunDirectory } from 'lengthen'

const [folder] = process.argv.slice(2)
const code = `
  const { parentPort, workerData } = require('node:worker_threads')
  import('lengthen').then(async ({ RunDirectory }) => {
    await RunDirectory.create(workerData)
    parentPort.postMessage('locked')
    setInterval(() => {}, 1000)
  })`
const worker = new Worker(code, { eval: true, workerData: folder })
await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
const whileItWorks = await RunDirectory.reopen(folder).then(
  () => 'opened',
  (error) => error.message,
)
await worker.terminate()
const isLeft = existsSync(`${folder}/run.lock`)
await (await RunDirectory.reopen(folder)).close()
console.log(JSON.stringify({ whileItWorks, isLeft, isLeftAtLast: existsSync(`${folder}/run.lock`) }))
