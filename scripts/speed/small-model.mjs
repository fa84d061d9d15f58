// What timed runs are made of: a decoder of 4 million random weights, and words for it.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as lengthen from '../../dist/index.js'

/** @returns {Promise<lengthen.Tokenizer>} of 512 tokens */
export async function makeTokenizer() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-speed-'))
  try {
    await lengthen.writeWordLevelTokenizer(folder, {
      tokens: [...'0123456789', ...Array.from({ length: 500 }, (_, i) => ` word${i}`)],
      ...{ eosToken: '<end>', padToken: '<pad>' },
      chatTemplate: '{% for message in messages %}{{ message.content }}{% endfor %}',
    })
    return await lengthen.Tokenizer.load(folder)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

export const smallModel = (tokenizer) =>
  lengthen.createModel(
    {
      ...{ vocabularySize: tokenizer.vocabSize, width: 256, feedForwardWidth: 1024, numLayers: 4, numHeads: 4 },
      ...{ numKvHeads: 2, headSize: 64, maxPositions: 512, normEpsilon: 1e-6, ropeTheta: 1e4, isHeadTied: true },
      initializerRange: 0.02,
    },
    { seed: 1 },
  )
