// Adapters: a model is taught capitals, then adapters beside its frozen weights teach it to say everything twice. The adapters are saved
// alone, as Python's peft has them, put on a fresh copy of the base, and merged into a whole model.
// Run: node lora.ts
//
//   the base: A<end> E<end>
//   with fresh adapters: A<end> E<end>
//   trained 4352 of 25664 values: AA<end> EE<end>
//   saved: adapter_config.json adapter_model.safetensors
//   on a fresh base: AA<end> EE<end>
//   merged, 21312 values: AA<end> EE<end>
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AdamW,
  applyLora,
  type ChatExample,
  createModel,
  type Decoder,
  loadAdapter,
  loadModel,
  RolloutEngine,
  SftTrainer,
  saveAdapter,
  saveModel,
  type Tensor,
  Tokenizer,
  trainableWeightsOf,
} from 'lengthen'

const folder = await mkdtemp(join(tmpdir(), 'lengthen-example-'))
const [baseFolder, adapterFolder, mergedFolder] = ['base', 'adapter', 'merged'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
]
const tokenizer = Tokenizer.wordLevel({
  tokens: [...'abcdefABCDEF:'],
  eosToken: '<end>',
  padToken: '<pad>',
  chatTemplate: '{{ messages[0].content }}',
})

/** Every letter with its answer. Examples are tokens and the spans that are learned, whatever they were made of. */
const examples = (answer: (letter: string) => string) =>
  [...'abcdef'].map((letter): ChatExample => {
    const prompt = tokenizer.encode(`${letter}:`)
    const tokens = [...prompt, ...tokenizer.encode(`${answer(letter)}<end>`)]
    return { id: letter, tokens, answers: [{ begin: prompt.length, end: tokens.length }] }
  })

async function teach(model: Decoder, parameters: Tensor[], answer: (letter: string) => string) {
  const optimizer = new AdamW(parameters, { learningRate: 1e-2 })
  const trainer = new SftTrainer({ model, optimizer, examples: examples(answer), epochs: 80, batch: { examples: 6 } })
  for await (const _ of trainer.run());
  optimizer.dispose()
}

async function answersOf(model: Decoder) {
  const texts: string[] = []
  const engine = new RolloutEngine(model, tokenizer)
  for await (const { answers } of engine.generate(['a:', 'e:'], { maxResponseTokens: 6, temperature: 0 }))
    texts.push(answers[0]?.text ?? '')
  engine.release()
  return texts.join(' ')
}

const count = (parameters: readonly Tensor[]) => parameters.reduce((sum, { numElements }) => sum + numElements, 0)

const sizes = { width: 32, feedForwardWidth: 64, numLayers: 2, numHeads: 2, maxPositions: 16 }
const model = createModel({ ...sizes, vocabularySize: tokenizer.vocabSize, initializerRange: 0.1 }, { seed: 1 })
await teach(model, model.parameters(), (letter) => letter.toUpperCase())
await saveModel(baseFolder, { model, tokenizer })
console.log('the base:', await answersOf(model))

applyLora(model, { rank: 4, alpha: 8 })
const trained = [...trainableWeightsOf(model).values()]
console.log('with fresh adapters:', await answersOf(model))
await teach(model, trained, (letter) => letter.toUpperCase().repeat(2))
console.log(`trained ${count(trained)} of ${count(model.parameters())} values:`, await answersOf(model))

await saveAdapter(adapterFolder, { model, base: baseFolder })
console.log('saved:', (await readdir(adapterFolder)).sort().join(' '))
const other = await loadModel(baseFolder)
await loadAdapter(adapterFolder, { model: other.model })
console.log('on a fresh base:', await answersOf(other.model))

await saveModel(mergedFolder, { model, tokenizer, merge: true })
const merged = await loadModel(mergedFolder)
console.log(`merged, ${count(merged.model.parameters())} values:`, await answersOf(merged.model))
await rm(folder, { recursive: true })
