// How fast this machine is at what the engine does most: products, and moving memory. Measured by the engine's own ops on its own threads.
import { full, zeros } from '../../create.js'
import { memoryStats, numThreads, setNumThreads, trim } from '../../device.js'
import { copy, linear } from '../../ops/index.js'
import { type Timing, timeInTurn } from '../../train/plan/calibration/stopwatch.js'

export interface Rates {
  product: {
    /** 10⁹ multiplications and additions a second, in float32, on all threads. */
    gflopsPerSecond: number
    gflopsPerSecondOnOneThread: number
    /** x [rows, width] · weight [width, width]. */
    rows: number
    width: number
    /** Half of the repeats lie within such a share of their median. */
    spread: number
  }
  copy: {
    /** 10⁹ bytes a second, read plus written, on all threads. */
    gigabytesPerSecond: number
    /** Of the source, and as much of the target. */
    bufferBytes: number
    /** Memory had no room for buffers of the usual size, so caches may have helped. */
    isShortened: boolean
    spread: number
  }
  /** That measuring took. */
  seconds: number
}

/** Takes about so many seconds, and at most a quarter of the free memory. */
export async function measureRates({ seconds, freeBytes }: { seconds: number; freeBytes: number }): Promise<Rates> {
  const started = performance.now()
  const copied = await copyRate(0.3 * seconds, freeBytes)
  const product = await productRate(0.6 * seconds)
  trim()
  return { product, copy: copied, seconds: (performance.now() - started) / 1000 }
}

const width = 1024
const leastRows = 64
const mostRows = 4096
/** Of one product: long beside the round trip to the device's thread. */
const productSeconds = 0.015

async function productRate(seconds: number): Promise<Rates['product']> {
  using weight = full([width, width], 1e-3)
  const times = async (rows: number, atLeastSeconds: number) => {
    using x = full([rows, width], 1e-3)
    return await timed(() => linear(x, weight).dispose(), { rounds: 2, atLeastSeconds }) // x lives until then
  }
  const rate = (rows: number, timing: Timing) => (2 * rows * width * width) / timing.seconds / 1e9
  const probe = await times(leastRows, 0)
  const rows = rowsFor(probe.seconds)
  const all = await times(rows, 0.6 * seconds)
  const gflopsPerSecond = rate(rows, all)
  const one = numThreads() === 1 ? all : await onOneThread(() => times(rows, 0.4 * seconds))
  return { gflopsPerSecond, gflopsPerSecondOnOneThread: rate(rows, one), rows, width, spread: all.spread }
}

/** A multiple of the rows that took so many seconds. Pure. */
export function rowsFor(secondsOfLeastRows: number): number {
  const factor = Math.floor(productSeconds / secondsOfLeastRows)
  return leastRows * Math.max(1, Math.min(mostRows / leastRows, factor))
}

async function onOneThread<T>(fn: () => Promise<T>): Promise<T> {
  const before = numThreads()
  setNumThreads(1)
  try {
    return await fn()
  } finally {
    setNumThreads(before)
  }
}

const usualBufferBytes = 256 * 2 ** 20
const leastBufferBytes = 2 ** 20

async function copyRate(seconds: number, freeBytes: number): Promise<Rates['copy']> {
  const { budgetBytes, usedBytes } = memoryStats()
  const bufferBytes = bufferFor(Math.min(freeBytes, budgetBytes - usedBytes))
  using source = full([bufferBytes / 4], 1) // written here, so that its pages are there
  using target = zeros([bufferBytes / 4])
  const timing = await timed(() => copy(target, source), { rounds: 3, atLeastSeconds: seconds })
  const gigabytesPerSecond = (2 * bufferBytes) / timing.seconds / 1e9
  return { gigabytesPerSecond, bufferBytes, isShortened: bufferBytes < usualBufferBytes, spread: timing.spread }
}

/** Two buffers take at most a quarter of what is free. Pure. */
export function bufferFor(freeBytes: number): number {
  let bytes = usualBufferBytes
  while (bytes > leastBufferBytes && 2 * bytes > freeBytes / 4) bytes /= 2
  return bytes
}

/** Work that is queued, until the device has done it. */
async function timed(enqueue: () => void, options: { rounds: number; atLeastSeconds: number }): Promise<Timing> {
  using last = zeros([1])
  const once = async () => {
    enqueue()
    await last.item()
  }
  const [timing] = await timeInTurn([once], options)
  return timing as Timing
}
