// A worker thread that is busy with one kind of work, or tells the bits of a training run.
import { parentPort, workerData } from 'node:worker_threads'
import { bitsOfTraining, works } from './work.mjs'

let hasBegun = false
const begun = () => {
  if (!hasBegun) parentPort?.postMessage('begun')
  hasBegun = true
}

if (workerData === 'bits') parentPort?.postMessage(await bitsOfTraining())
else await works[workerData](begun)
