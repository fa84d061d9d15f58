// A process that may start no more threads, then those that it wants, and so on. Prints what it could do each time.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { device, full, ops } from 'lengthen'

if (process.getuid?.() === 0) process.setuid?.(65534) // no limit holds for root
// Begun before the limit: with it there is no new process either.
const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'inherit'] })

async function allow(numThreads) {
  shell.stdin.write(`prlimit --pid ${process.pid} --nproc=${numThreads}: && echo done\n`)
  await once(shell.stdout, 'data')
}

const outcome = async (compute) => {
  try {
    return await compute()
  } catch (error) {
    return `${error.code}: ${error.message}`
  }
}
const sum = () => ops.sum(full([512, 512], 1)).item()

const { result: recorded } = device.record(() => full([1], 1)) // nothing has begun yet
const outcomes = {}
device.setNumThreads(1)
await allow(1)
outcomes.noDeviceThread = await outcome(() => recorded.item())
await allow(4096)
outcomes.deviceThread = await outcome(sum)
device.setNumThreads(2)
await allow(1)
outcomes.noPool = await outcome(sum)
await allow(4096)
outcomes.pool = await outcome(sum)
console.log(JSON.stringify(outcomes))
shell.stdin.end() // the process ends by itself: no read is waited for that never began
