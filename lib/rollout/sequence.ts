// One answer being sampled: its tokens so far, its place in the queue and the cache blocks that hold its keys and values.

/** What the answers of one prompt have in common. */
export interface PromptState {
  /** Place in the call. */
  readonly index: number
  readonly tokens: Int32Array
}

/** Why an answer ended: `'stop'`, with a stop token; `'length'`, at maxResponseTokens. */
export type FinishReason = 'stop' | 'length'

export interface Sequence {
  readonly prompt: PromptState
  readonly answerIndex: number
  /** Place in the queue: earlier ones are served first and preempted last. */
  readonly order: number
  /** Names the random stream its tokens are drawn from. */
  readonly sequenceId: number
  readonly answer: number[]
  readonly logprobs: number[]
  /** Cache blocks in order of position; the first floor(prompt tokens / block size) are shared with the other answers. */
  readonly blocks: number[]
  finishReason: FinishReason | undefined
}

export interface StopRule {
  readonly stopTokens: ReadonlySet<number>
  readonly maxResponseTokens: number
}

export function makeSequence(
  prompt: PromptState,
  place: { answerIndex: number; order: number; sequenceId: number },
): Sequence {
  return { prompt, ...place, answer: [], logprobs: [], blocks: [], finishReason: undefined }
}

export function numTokens(sequence: Sequence): number {
  return sequence.prompt.tokens.length + sequence.answer.length
}

export function tokenAt(sequence: Sequence, position: number): number {
  const { tokens } = sequence.prompt
  const token = position < tokens.length ? tokens[position] : sequence.answer[position - tokens.length]
  if (token === undefined) throw new RangeError(`no token at position ${position} of ${numTokens(sequence)}`)
  return token
}

/** Adds a sampled token and its log-probability. The stop token is part of the answer. */
export function append(sequence: Sequence, sampled: { token: number; logprob: number }, rule: StopRule): void {
  sequence.answer.push(sampled.token)
  sequence.logprobs.push(sampled.logprob)
  if (rule.stopTokens.has(sampled.token)) sequence.finishReason = 'stop'
  else if (sequence.answer.length >= rule.maxResponseTokens) sequence.finishReason = 'length'
}

export function isFinished(sequence: Sequence): boolean {
  return sequence.finishReason !== undefined
}

/** Place of a position's key and value in the cache. */
export function slotOf(sequence: Sequence, position: number, blockSize: number): number {
  const block = sequence.blocks[Math.floor(position / blockSize)]
  if (block === undefined) throw new RangeError(`position ${position} has no cache block`)
  return block * blockSize + (position % blockSize)
}
