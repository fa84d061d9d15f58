// Supervised fine-tuning on conversations: the loss is on the assistant's tokens alone, held-out loss is measured on the way, and the
// run's folder has the best model. Then the model that learned is asked.
// Run: node supervised.ts
//
//   189 conversations, 27 held out
//   step 0: held-out loss 2.935
//   step 60: held-out loss 0.020
//   step 120: held-out loss 0.005
//   step 180: held-out loss 0.004
//   step 210: held-out loss 0.004
//   <user>fad<end><assistant>FAD<end>
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AdamW, createModel, loadModel, RolloutEngine, readChatExamples, SftTrainer, Tokenizer } from 'lengthen'

const folder = await mkdtemp(join(tmpdir(), 'lengthen-example-'))
const tokenizer = Tokenizer.wordLevel({
  tokens: [...'abcdefABCDEF', '<user>', '<assistant>'],
  eosToken: '<end>',
  padToken: '<pad>',
  chatTemplate:
    '{% for message in messages %}<{{ message.role }}>{{ message.content }}<end>{% endfor %}' +
    '{% if add_generation_prompt %}<assistant>{% endif %}',
})

// A line a conversation, as a data set on disk has them: write it in capitals. One in eight is held out.
const lines = Array.from({ length: 216 }, (_, i) => {
  const word = [i, i / 6, i / 36].map((n) => 'abcdef'[Math.floor(n) % 6]).join('')
  const messages = [
    { role: 'user', content: word },
    { role: 'assistant', content: word.toUpperCase() },
  ]
  return { text: JSON.stringify({ messages }), isHeldOut: i % 8 === 3 }
})
const write = (name: string, isHeldOut: boolean) =>
  writeFile(
    join(folder, name),
    lines
      .filter((line) => line.isHeldOut === isHeldOut)
      .map(({ text }) => text)
      .join('\n'),
  )
await write('train.jsonl', false)
await write('held-out.jsonl', true)
const { examples } = await readChatExamples(join(folder, 'train.jsonl'), { tokenizer })
const { examples: heldOut } = await readChatExamples(join(folder, 'held-out.jsonl'), { tokenizer })
console.log(`${examples.length} conversations, ${heldOut.length} held out`)

const sizes = { width: 64, feedForwardWidth: 128, numLayers: 2, numHeads: 2, maxPositions: 64 }
const model = createModel({ ...sizes, vocabularySize: tokenizer.vocabSize, initializerRange: 0.05 }, { seed: 1 })
const trainer = new SftTrainer({
  ...{ model, tokenizer, examples, heldOut },
  optimizer: new AdamW(model.parameters(), { learningRate: 3e-3 }),
  batch: { examples: 27 },
  epochs: 30,
  learningRateSchedule: { warmupSteps: 10, decay: 'cosine' },
  evaluateEverySteps: 60,
  out: join(folder, 'run'),
})
for await (const event of trainer.run()) {
  if (event.type === 'evaluation') console.log(`step ${event.step}: held-out loss ${event.loss.toFixed(3)}`)
}
model.dispose()

const best = await loadModel(join(folder, 'run', 'best'))
const messages = [{ role: 'user', content: 'fad' }]
const prompt = await best.tokenizer.chatTemplate.render(messages, { addGenerationPrompt: true })
const engine = new RolloutEngine(best.model, best.tokenizer)
for await (const { answers } of engine.generate([prompt], { maxResponseTokens: 8, temperature: 0 }))
  console.log(`${prompt}${answers[0]?.text}`)
await rm(folder, { recursive: true })
