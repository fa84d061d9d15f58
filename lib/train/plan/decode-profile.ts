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
  /** Tokens drawn so far, and the length it ends at. */
  drawn: number
  length: number
}

/** `lengths` in the order of the queue. An answer's first token comes from the prompt's forward, all others from decode steps. */
export function decodeProfile(lengths: readonly number[], limits: DecodeLimits): DecodeProfile {
  const queue: Running[] = lengths.map((length) => ({ drawn: 0, length })).reverse()
  let running: Running[] = []
  const profile: DecodeProfile = { segments: [], numSteps: 0, numSizes: 0, numPreemptions: 0, recomputedTokens: 0 }
  while (queue.length > 0 || running.length > 0) {
    admit(queue, running, limits)
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

const isUnfinished = ({ drawn, length }: Running): boolean => drawn < length

/** Of its own: a prompt's share is spread over its answers. */
const roomOf = ({ drawn }: Running, { promptTokens, numAnswers }: DecodeLimits): number =>
  promptTokens / numAnswers + drawn

const used = (running: readonly Running[], limits: DecodeLimits): number =>
  running.reduce((sum, sequence) => sum + roomOf(sequence, limits), 0)

/** While there is room, and for one more block of each besides: else one would be preempted at once. */
function admit(queue: Running[], running: Running[], limits: DecodeLimits): void {
  let room = limits.cacheTokens - used(running, limits)
  for (let next = queue.at(-1); next && running.length < limits.maxBatch; next = queue.at(-1)) {
    const own = roomOf(next, limits)
    const reserve = limits.blockSize * (running.length + 1)
    if (running.length > 0 && own + reserve > room) return
    queue.pop()
    running.push({ ...next, drawn: next.drawn + 1 }) // the forward that fills the cache draws one
    room -= own
  }
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
