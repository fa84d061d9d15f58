// Text as it is generated: token by token, several samples under sampling controls, a signal that ends an answer, and a chat. The model
// is one of the caller's, or a tiny one that learns a conversation by heart first.
// Run: node generate.ts [folder of a model of the Qwen2, Llama or Qwen3 family]
//
//   > Who are you?
//   I am a very small model.
//   > What do you know?
//   Nothing but these lines.
//   An answer ended by a signal after eight tokens:
//   I am a v
//   temperature 2: "I ammpCZ vejleuma fkehet" "I <pad> a NaeMepq.SeLPl ll g"
//   temperature 2, topK 2: "I am ahe velll.<end>" "I very  very smal model."
//   temperature 2, topP 0.5: "I am a very small model." "I am a very small model."
import { stdout } from 'node:process'
import {
  AdamW,
  type ChatMessage,
  conversationExamples,
  createModel,
  type GenerateOptions,
  loadModel,
  RolloutEngine,
  SftTrainer,
  Tokenizer,
} from 'lengthen'

const questions = ['Who are you?', 'What do you know?']
const { model, tokenizer } = process.argv[2] === undefined ? await taughtModel() : await loadModel(process.argv[2])
const engine = new RolloutEngine(model, tokenizer)

async function taughtModel() {
  const tokenizer = Tokenizer.wordLevel({
    tokens: [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ,.?', '<user>', '<assistant>'],
    eosToken: '<end>',
    padToken: '<pad>',
    chatTemplate:
      '{% for message in messages %}<{{ message.role }}>{{ message.content }}<end>{% endfor %}' +
      '{% if add_generation_prompt %}<assistant>{% endif %}',
  })
  const said = ['I am a very small model.', 'Nothing but these lines.']
  const messages = questions.flatMap((question, i) => [
    { role: 'user', content: question },
    { role: 'assistant', content: said[i] ?? '' },
  ])
  const sizes = { width: 64, feedForwardWidth: 128, numLayers: 2, numHeads: 2, maxPositions: 256 }
  const model = createModel({ ...sizes, vocabularySize: tokenizer.vocabSize, initializerRange: 0.05 }, { seed: 1 })
  const optimizer = new AdamW(model.parameters(), { learningRate: 3e-3 })
  const examples = await conversationExamples([{ id: 'conversation', messages }], { tokenizer })
  for await (const _ of new SftTrainer({ model, optimizer, examples, epochs: 80 }).run());
  return { model, tokenizer }
}

/** The answer to a conversation, written as it comes. What there is of it when the signal ends it is the answer too. */
async function answer(messages: readonly ChatMessage[], options: GenerateOptions): Promise<string> {
  const prompt = await tokenizer.chatTemplate.render(messages, { addGenerationPrompt: true })
  const decoder = tokenizer.incrementalDecoder() // a letter may be split over tokens: it comes with the last of them
  let text = ''
  const generated = engine.generate([prompt], {
    ...options,
    onToken: ({ token, finishReason }) => {
      if (finishReason === 'stop') return // the end token is no text
      const piece = decoder.push(token)
      stdout.write(piece)
      text += piece
      options.onToken?.({ token, finishReason, promptIndex: 0, answerIndex: 0 })
    },
  })
  try {
    for await (const _ of generated);
  } catch (error) {
    if (!options.signal?.aborted) throw error
  }
  stdout.write('\n')
  return text
}

console.log('A chat, greedy:')
const messages: ChatMessage[] = []
for (const content of questions) {
  console.log(`> ${content}`)
  messages.push({ role: 'user', content })
  messages.push({ role: 'assistant', content: await answer(messages, { maxResponseTokens: 64, temperature: 0 }) })
}

console.log('An answer ended by a signal after eight tokens:')
const stop = new AbortController()
let numTokens = 0
await answer(messages.slice(0, 1), {
  ...{ maxResponseTokens: 64, temperature: 0, signal: stop.signal },
  onToken: () => {
    if (++numTokens === 8) stop.abort()
  },
})

const prompt = await tokenizer.chatTemplate.render(messages.slice(0, 1), { addGenerationPrompt: true })
for (const controls of [{ temperature: 2 }, { temperature: 2, topK: 2 }, { temperature: 2, topP: 0.5 }]) {
  const name = Object.entries(controls).map(([key, value]) => `${key} ${value}`)
  const sampling = { ...controls, numAnswers: 2, maxResponseTokens: 24, seed: 1 }
  for await (const { answers } of engine.generate([prompt], sampling))
    console.log(`${name.join(', ')}: ${answers.map(({ text }) => JSON.stringify(text)).join(' ')}`)
}
