// What the tape of a decoder holds, computed from the shapes, against what the allocator counts.
import { expect, test } from 'vitest'
import { memoryStats, resetPeakMemory } from '../../lib/device.js'
import { createModel } from '../../lib/models/create.js'
import type { DecoderConfig } from '../../lib/models/decoder-config.js'
import { pack } from '../../lib/models/pack.js'
import { mean } from '../../lib/ops/index.js'
import { scope } from '../../lib/scope.js'

const shape: Omit<DecoderConfig, 'numLayers'> = {
  ...{ vocabularySize: 64, width: 64, feedForwardWidth: 128, numHeads: 4, numKvHeads: 2, headSize: 16 },
  ...{ maxPositions: 512, normEpsilon: 1e-6, ropeTheta: 10_000, isHeadTied: true, initializerRange: 0.1 },
}
const numSequences = 4
const numTokens = numSequences * 512
const bytes = (elementsPerToken: number) => 4 * numTokens * elementsPerToken

const { width, feedForwardWidth, numHeads, numKvHeads, headSize } = shape
/** A layer's input: all that is kept of a layer that is computed again. */
const inputBytes = bytes(width)
/** The input, its norm, q, k, v and what attention makes of them, the middle, its norm, gate, up and their product. */
const layerBytes =
  bytes(4 * width + (2 * numHeads + 2 * numKvHeads) * headSize + 3 * feedForwardWidth) + bytes(numHeads + 2) // log-sum-exp of each head's scores, and what both norms divided by

/** Above the weights, their gradients and what is packed of them: those are there before. */
async function peakOf(numLayers: number, { useRecompute }: { useRecompute: boolean }): Promise<number> {
  using model = createModel({ ...shape, numLayers }, { seed: 1 })
  const sequence = Array.from({ length: 512 }, (_, i) => (i * 7) % 64)
  const sequences = Array.from({ length: numSequences }, () => sequence)
  const pass = async () => {
    const before = memoryStats().usedBytes
    resetPeakMemory()
    using loss = scope(() => {
      const loss = mean(model.forward(pack(sequences), { useRecompute }))
      loss.backward()
      return loss
    })
    await loss.item()
    return memoryStats().peakUsedBytes - before
  }
  await pass()
  return pass()
}

test.each([
  { useRecompute: false, perLayer: layerBytes, kept: 'all that its gradients need' },
  { useRecompute: true, perLayer: inputBytes, kept: 'its input' },
])('with useRecompute: $useRecompute a layer costs the bytes of $kept', async ({ useRecompute, perLayer }) => {
  const [few, many] = [await peakOf(2, { useRecompute }), await peakOf(8, { useRecompute })]
  // The margin is one tensor [T, C], which may live a little longer or shorter while the device is ahead or behind.
  expect(Math.abs(many - few - 6 * perLayer)).toBeLessThanOrEqual(bytes(width))
  // On top: the one layer at work, with its gradients, and what comes before and after the layers.
  expect(many - 8 * perLayer).toBeLessThan(2 * layerBytes)
})
