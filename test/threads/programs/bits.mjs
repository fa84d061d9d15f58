// The same training run, alone and in four threads at once.
import { Worker } from 'node:worker_threads'
import { bitsOfTraining } from './work.mjs'

const inWorker = () =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: 'bits' })
    worker.once('message', resolve).once('error', reject)
  })

const alone = await bitsOfTraining()
const together = await Promise.all([bitsOfTraining(), inWorker(), inWorker(), inWorker()])
console.log(JSON.stringify({ alone, together }))
