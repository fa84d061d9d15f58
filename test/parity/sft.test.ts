// Supervised fine-tuning against transformers, which pads a batch and takes the mean over labels, where we pack and cut: see
// make_parity.py.
import { describe, expect, test } from 'vitest'
import type { ChatExample, TokenSpan } from '../../lib/data/chat/example.js'
import { chatExamples } from '../../lib/data/chat/tokenize.js'
import { loadDecoder } from '../../lib/models/load.js'
import { AdamW } from '../../lib/optim/adamw.js'
import type { ChatMessage } from '../../lib/tokenizer/chat-template.js'
import type { SftStep } from '../../lib/train/sft/events.js'
import { heldOutLoss } from '../../lib/train/sft/held-out-loss.js'
import { SftTrainer } from '../../lib/train/sft/sft-trainer.js'
import { byteTokenizer } from '../data/chat/byte-tokenizer.js'
import { type FixtureName, fixtureFolder } from '../models/fixtures.js'
import { readJson } from './compare.js'

interface CurveFixture {
  options: {
    model: FixtureName
    learningRate: number
    weightDecay: number
    betas: [number, number]
    eps: number
    maxGradNorm: number
    steps: number
    warmupSteps: number
  }
  examples: { tokens: number[]; answers: [number, number][] }[]
  updates: { loss: number; gradientNorm: number; learningRate: number }[]
  finalLoss: number
}

interface MaskFixture {
  special: string[]
  template: string
  conversations: { messages: ChatMessage[]; tokens: number[]; isAnswer: number[] }[]
}

const relative = (a: number | undefined, b: number) => Math.abs((a ?? Number.NaN) / b - 1)

describe('ten AdamW steps on conversations', () => {
  const { options, updates, finalLoss, ...fixture } = readJson<CurveFixture>('sft.json')
  const examples = fixture.examples.map(({ tokens, answers }, i): ChatExample => {
    return { id: `${i}`, tokens, answers: answers.map(([begin, end]): TokenSpan => ({ begin, end })) }
  })

  test.each([1000, 40, 1])('follow the loss curve of PyTorch, in micro-batches of %i tokens', async (budget) => {
    using model = await loadDecoder(fixtureFolder(options.model))
    const { learningRate, weightDecay, eps: epsilon, maxGradNorm, steps, warmupSteps } = options
    const [beta1, beta2] = options.betas
    using optimizer = new AdamW(model.parameters(), { learningRate, beta1, beta2, epsilon, weightDecay })
    const trainer = new SftTrainer({
      ...{ model, optimizer, examples, maxGradNorm, epochs: steps, batch: { examples: examples.length } },
      ...{ tokensPerMicroBatch: budget, learningRateSchedule: { decay: 'linear', warmupSteps } },
    })
    const taken: SftStep[] = []
    for await (const event of trainer.run()) if (event.type === 'step') taken.push(event)
    expect(taken).toHaveLength(steps)
    for (const [i, ofPytorch] of updates.entries()) {
      expect(relative(taken[i]?.learningRate, ofPytorch.learningRate)).toBeLessThan(1e-12)
      expect(relative(taken[i]?.loss, ofPytorch.loss), `loss of step ${i + 1}`).toBeLessThan(1e-5)
      expect(relative(taken[i]?.gradientNorm, ofPytorch.gradientNorm), `norm of step ${i + 1}`).toBeLessThan(1e-4)
    }
    const { loss } = await heldOutLoss(model, examples, { tokensPerMicroBatch: budget })
    expect(relative(loss, finalLoss)).toBeLessThan(1e-5)
  })
})

test('what is learned of a conversation is what transformers marks by {% generation %}, token by token', async () => {
  const { special, template, conversations } = readJson<MaskFixture>('sft-masks.json')
  const tokenizer = await byteTokenizer({ special, template })
  const rows = conversations.map(({ messages }, i) => {
    return { file: 'masks', place: `${i}`, row: { id: `${i}`, messages } }
  })
  let index = 0
  for await (const example of chatExamples(rows, { tokenizer })) {
    if (example instanceof Error) throw example
    const { tokens, isAnswer } = conversations[index++] as MaskFixture['conversations'][number]
    const numLearnedFrom = isAnswer.lastIndexOf(1) + 1
    expect(Array.from(example.tokens)).toEqual(tokens.slice(0, numLearnedFrom))
    expect(maskOf(example)).toEqual(isAnswer.slice(0, numLearnedFrom))
  }
  expect(index).toBe(3)
})

const maskOf = ({ tokens, answers }: ChatExample): number[] =>
  Array.from(tokens, (_, t) => (answers.some(({ begin, end }) => begin <= t && t < end) ? 1 : 0))
