// Memory over time, in processes of their own: over many training steps, and in a loop that never disposes.
import { expect, test } from 'vitest'
import { runScript } from '../helpers/script.js'

interface Memory {
  step: number
  residentBytes: number
  usedBytes: number
  numSourceCalls: number
}

// Compiled code and the young generation grow for minutes in any busy program; without them what stays is what is held.
const steadyEngine = ['--expose-gc', '--no-opt', '--no-sparkplug', '--max-semi-space-size=1']

const training = `
  import fs from 'node:fs'
  import os from 'node:os'
  import path from 'node:path'
  import { AdamW, contextSchedule, createModel, device, GrpoTrainer, Tokenizer, writeWordLevelTokenizer } from 'lengthen'

  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-test-'))
  await writeWordLevelTokenizer(folder, {
    tokens: [...'0123456789'], eosToken: '<end>', padToken: '<pad>',
    chatTemplate: '{% for message in messages %}{{ message.content }}{% endfor %}',
  })
  const tokenizer = await Tokenizer.load(folder)
  fs.rmSync(folder, { recursive: true })

  export async function memoryOver(steps, vocabularySize) {
    const model = createModel({
      vocabularySize, width: 64, feedForwardWidth: 96, numLayers: 2, numHeads: 4, numKvHeads: 2, headSize: 16,
      maxPositions: 32, normEpsilon: 1e-6, ropeTheta: 1e4, isHeadTied: false, initializerRange: 0.02,
    }, { seed: 1 })
    const trainer = new GrpoTrainer({
      model, tokenizer, optimizer: new AdamW(model.parameters(), { learningRate: 1e-4 }),
      data: Array.from({ length: 10 }, (_, i) => ({ id: String(i), problem: String(10 + i) })),
      reward: ({ text }) => text.length % 3, entropyWeight: 0.1, promptsPerStep: 2, numAnswers: 4,
      schedule: contextSchedule([{ maxResponseTokens: 10, until: { steps } }]),
    })
    const seen = []
    for await (const { step, gradientNorm } of trainer.run()) {
      if (!(gradientNorm > 0)) throw new Error('step ' + step + ' learned nothing')
      if (step % 20 !== 0) continue
      for (let i = 0; i < 2; i++) {
        gc()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      const { usedBytes, numSourceCalls } = device.memoryStats()
      seen.push({ step, residentBytes: process.memoryUsage.rss(), usedBytes, numSourceCalls })
    }
    console.log(JSON.stringify(seen))
  }
  `

test('200 training steps leave memory as it was after the 20th, and take nothing more from the system', async () => {
  // The model lacks the end token, so that every step has the same shapes: 8 answers of 10 tokens, taught by their entropy.
  const seen = await runScript<Memory[]>(`${training} await memoryOver(200, 10)`, { flags: steadyEngine })
  const [first, last] = [seen[0], seen.at(-1)] as [Memory, Memory]
  expect([first.step, last.step]).toEqual([20, 200])
  for (const { usedBytes } of seen) expect(usedBytes).toBe(first.usedBytes)
  expect(last.numSourceCalls).toBe(first.numSourceCalls)
  expect(last.residentBytes / first.residentBytes).toBeLessThan(1.02)
})

test('steps of answers of any length hold on to nothing', async () => {
  const seen = await runScript<Memory[]>(`${training} await memoryOver(60, 12)`, { flags: steadyEngine })
  expect(new Set(seen.map(({ usedBytes }) => usedBytes)).size).toBe(1)
})

test('a synchronous loop that forgets to dispose 5 GB of tensors peaks under 300 MB', async () => {
  const { maxRSS } = await runScript<{ maxRSS: number }>(`
    import { ops, tensor } from 'lengthen'
    const x = tensor(new Float32Array(65536))
    for (let i = 0; i < 20_000; i++) ops.add(x, 1)
    console.log(JSON.stringify(process.resourceUsage()))`)
  expect(maxRSS / 1000).toBeLessThan(300)
})
