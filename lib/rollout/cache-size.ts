// How large a cache a call takes: the engine's own arithmetic, for plans too.

/** What an engine has unless told otherwise. */
export const engineDefaults = { cacheBytes: 2 ** 30, blockSize: 16, maxBatch: 512 }

/** Blocks for as many sequences as run at once, at their longest, and one more of each: the scheduler's reserve. */
export function wantedBlocks(request: { numSequences: number; maxBatch: number; blocksOfOne: number }): number {
  return Math.min(request.numSequences, request.maxBatch) * (request.blocksOfOne + 1)
}
