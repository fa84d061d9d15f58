// What a device decodes over one call: how many sequences together for how many steps. It follows the rules of the rollout
// scheduler (in order, while there is room; who finds none when it grows takes that of the youngest) with tokens for blocks.
import { numDecodeRows } from '../../rollout/decode-program.js'

export interface DecodeSegment {
  /** Sequences decoded together. */
  batch: number
  steps: number
  /** In the cache of all of them, mean over the steps. */
  cachedTokens: number
}

export interface DecodeProfile {
  segments: DecodeSegment[]
  numSteps: number
  /** Forwards that fill the cache. */
  numPrefills: number
  /** How often the number of rows of a decode program changes. */
  numSizes: number
  /** Sequences that gave their room up, and the tokens that were computed again for it. */
  numPreemptions: number
  recomputedTokens: number
}

export interface DecodeLimits {
  promptTokens: number
  /** Answers that share a prompt's place in the cache. */
  numAnswers: number
  maxBatch: number
  /** Tokens that the cache holds. */
  cacheTokens: number
  /** Room that a sequence takes at once. */
  blockSize: number
}

interface Running {
  /** Place of its prompt. */
  prompt: number
  /** Tokens drawn so far, and the length it ends at. */
  drawn: number
  length: number
}

/** `lengths` in the order of the queue. An answer's first token comes from the prompt's forward, all others from decode steps. */
export function decodeProfile(lengths: readonly number[], limits: DecodeLimits): DecodeProfile {
  const queue: Running[] = lengths
    .map((length, i) => ({ prompt: Math.floor(i / limits.numAnswers), drawn: 0, length }))
    .reverse()
  const profile: DecodeProfile = { ...empty, segments: [] }
  let running: Running[] = []
  while (queue.length > 0 || running.length > 0) {
    const admitted = admit(queue, running, limits)
    profile.numPrefills += Math.ceil(admitted / maxPrefillTokens)
    const unfinished = running.filter(isUnfinished)
    const hasEnded = unfinished.length < running.length
    running = unfinished
    if (hasEnded) continue // whose place is taken before the next step
    const room = limits.cacheTokens - used(running, limits)
    const untilFull = Math.floor(room / running.length)
    if (untilFull === 0 && running.length > 1) {
      preempt(queue, running, profile, limits)
      continue
    }
    const untilEnd = Math.min(...running.map(({ drawn, length }) => length - drawn))
    advance(running, Math.max(1, Math.min(untilEnd, untilFull)), profile, limits)
    running = running.filter(isUnfinished)
  }
  return profile
}

const maxPrefillTokens = 4096 // lib/rollout/engine.ts
const empty = { numSteps: 0, numPrefills: 0, numSizes: 0, numPreemptions: 0, recomputedTokens: 0 }

const isUnfinished = ({ drawn, length }: Running): boolean => drawn < length

/** Of its own: a prompt's share is spread over its answers. */
const roomOf = ({ drawn }: Running, { promptTokens, numAnswers }: DecodeLimits): number =>
  promptTokens / numAnswers + drawn

const used = (running: readonly Running[], limits: DecodeLimits): number =>
  running.reduce((sum, sequence) => sum + roomOf(sequence, limits), 0)

/**
 * While there is room, and for one more block of each besides: else one would be preempted at once. The answers of a prompt begin
 * together, unless nothing runs. Returns the tokens that are computed for it.
 */
function admit(queue: Running[], running: Running[], limits: DecodeLimits): number {
  let room = limits.cacheTokens - used(running, limits)
  let numTokens = 0
  for (let next = queue.at(-1); next; next = queue.at(-1)) {
    const alike = numAlike(queue)
    const own = roomOf(next, limits)
    const isRoom = (count: number) => {
      const numRunning = running.length + count
      return numRunning <= limits.maxBatch && count * own + limits.blockSize * numRunning <= room
    }
    const count = isRoom(alike) ? alike : running.length === 0 ? Math.min(alike, limits.maxBatch) : 0
    if (count === 0) break
    // The forward that fills the cache draws one.
    for (const sequence of queue.splice(-count).reverse()) running.push({ ...sequence, drawn: sequence.drawn + 1 })
    room -= count * own
    numTokens += limits.promptTokens + next.drawn
  }
  return numTokens
}

/** At the end of the queue: fresh answers of one prompt, or one that was taken back. */
function numAlike(queue: readonly Running[]): number {
  const next = queue.at(-1) as Running
  if (next.drawn > 0) return 1
  let count = 1
  while (queue.at(-1 - count)?.prompt === next.prompt && queue.at(-1 - count)?.drawn === 0) count++
  return count
}

function preempt(queue: Running[], running: Running[], profile: DecodeProfile, { promptTokens }: DecodeLimits): void {
  const youngest = running.pop() as Running
  queue.push(youngest)
  profile.numPreemptions += 1
  profile.recomputedTokens += promptTokens + youngest.drawn
}

function advance(running: Running[], steps: number, profile: DecodeProfile, { promptTokens }: DecodeLimits): void {
  const before = running.reduce((sum, { drawn }) => sum + promptTokens + drawn - 1, 0)
  const cachedTokens = before + (running.length * (steps - 1)) / 2
  const last = profile.segments.at(-1)?.batch ?? 0
  if (last === 0 || numDecodeRows(last) !== numDecodeRows(running.length)) profile.numSizes += 1
  profile.segments.push({ batch: running.length, steps, cachedTokens })
  profile.numSteps += steps
  for (const sequence of running) sequence.drawn += steps
}
