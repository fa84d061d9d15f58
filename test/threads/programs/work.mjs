// What the threads of these tests are busy with. Each goes on until its thread is ended, and says once that it has begun.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as lengthen from 'lengthen'

const { AdamW, contextSchedule, createModel, device, full, GrpoTrainer, ops, RolloutEngine, scope, Tokenizer } =
  lengthen
const maxResponseTokens = 12

/** @type {Record<string, (begun: () => void) => unknown>} */
export const works = {
  /** Never lets go of the thread: ended inside a call of the addon, or between two. */
  allocation(begun) {
    begun()
    for (;;) ops.add(full([200, 300], 1), 2)
  },

  /** Hundreds of promises that wait for a long queue. */
  async reading(begun) {
    const busy = longChain(400)
    const reads = Array.from({ length: 300 }, () => busy.toArray())
    begun()
    await Promise.all(reads)
  },

  recording(begun) {
    for (;;) {
      const program = device.record(() => {
        begun()
        longChain(300)
      })
      program.dispose()
    }
  },

  async replay(begun) {
    const x = full([128, 128], 0.01)
    const program = device.record(() => {
      for (let i = 0; i < 60; i++) ops.linear(x, x)
    })
    for (;;) {
      for (let i = 0; i < 20; i++) program.replay()
      begun()
      await x.toArray()
    }
  },

  async backward(begun) {
    const weight = full([128, 128], 0.01)
    weight.requiresGrad = true
    for (;;) {
      const loss = scope(() => ops.sum(longChain(20, weight)))
      loss.backward()
      begun()
      loss.dispose()
      await weight.grad?.toArray()
    }
  },

  async rollout(begun) {
    const engine = new RolloutEngine(tinyModel(), await digitsTokenizer())
    const sampling = { numAnswers: 4, maxResponseTokens, temperature: 1, seed: 1 }
    for (;;) {
      for await (const _ of engine.generate(['12', '345'], sampling)) begun()
    }
  },

  async training(begun) {
    for await (const _ of (await tinyTrainer({ numSteps: 1e6 })).trainer.run()) begun()
  },

  /** A reward that never returns. */
  async reward(begun) {
    const stuck = () => {
      begun()
      for (;;);
    }
    for await (const _ of (await tinyTrainer({ numSteps: 1, reward: stuck })).trainer.run());
  },

  async failingReward(begun) {
    const fails = () => {
      begun()
      queueMicrotask(() => {
        throw new Error('on purpose')
      })
      return 0
    }
    for await (const _ of (await tinyTrainer({ numSteps: 1e6, reward: fails })).trainer.run());
  },
}

/** A whole run of a few steps, in one number: equal where every bit of its parameters and figures is. */
export async function bitsOfTraining(numSteps = 4) {
  const { trainer, model } = await tinyTrainer({ numSteps })
  const hash = createHash('sha256')
  for await (const { gradientNorm, meanReward } of trainer.run())
    hash.update(JSON.stringify([gradientNorm, meanReward]))
  for (const parameter of model.parameters()) hash.update(await parameter.toArray())
  return hash.digest('hex')
}

function longChain(numOps, x = full([256, 256], 0.01)) {
  return scope(() => {
    let y = x
    for (let i = 0; i < numOps; i++) y = ops.tanh(ops.linear(y, x))
    return y
  })
}

async function tinyTrainer({ numSteps, reward = ({ text }) => text.length % 3 }) {
  const model = tinyModel()
  const trainer = new GrpoTrainer({
    model,
    tokenizer: await digitsTokenizer(),
    optimizer: new AdamW(model.parameters(), { learningRate: 1e-3 }),
    data: Array.from({ length: 10 }, (_, i) => ({ id: String(i), problem: String(10 + i) })),
    reward,
    entropyWeight: 0.1,
    promptsPerStep: 2,
    numAnswers: 4,
    schedule: contextSchedule([{ maxResponseTokens, until: { steps: numSteps } }]),
  })
  return { trainer, model }
}

const tinyModel = () =>
  createModel(
    {
      ...{
        vocabularySize: 12,
        width: 64,
        feedForwardWidth: 96,
        numLayers: 2,
        numHeads: 4,
        numKvHeads: 2,
        headSize: 16,
      },
      ...{ maxPositions: 32, normEpsilon: 1e-6, ropeTheta: 1e4, isHeadTied: false, initializerRange: 0.2 },
    },
    { seed: 1 },
  )

async function digitsTokenizer() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-test-'))
  await lengthen.writeWordLevelTokenizer(folder, {
    tokens: [...'0123456789'],
    eosToken: '<end>',
    padToken: '<pad>',
    chatTemplate: '{% for message in messages %}{{ message.content }}{% endfor %}',
  })
  const tokenizer = await Tokenizer.load(folder)
  fs.rmSync(folder, { recursive: true })
  return tokenizer
}
