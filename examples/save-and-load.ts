// A model to a folder and back: the files are those of a Hugging Face checkpoint, which Python's transformers loads too, and the loaded
// model gives the same bits. The optimizer's moments are not in it: examples/checkpoint.ts has those.
// Run: node save-and-load.ts [folder of a model of the Qwen2, Llama or Qwen3 family]
//
//   config.json generation_config.json model.safetensors tokenizer.json tokenizer_config.json
//   qwen3: width 64, 2 layers, 4096 positions
//   75 logits of "7-3=4", the same bits: true
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModel, type Decoder, loadModel, noGrad, ops, pack, saveModel, scope, Tokenizer } from 'lengthen'

const text = '7-3=4'
const folder = await mkdtemp(join(tmpdir(), 'lengthen-example-'))
const { model, tokenizer } = process.argv[2] === undefined ? makeModel() : await loadModel(process.argv[2])

function makeModel() {
  const tokenizer = Tokenizer.wordLevel({
    tokens: [...'0123456789+-='],
    eosToken: '<end>',
    padToken: '<pad>',
    chatTemplate: '{{ messages[0].content }}',
  })
  const sizes = { width: 64, feedForwardWidth: 128, numLayers: 2, numHeads: 4, numKvHeads: 2 }
  const family = 'qwen3' // or qwen2, llama: their biases, norms and names
  return { model: createModel({ ...sizes, family, vocabularySize: tokenizer.vocabSize }, { seed: 1 }), tokenizer }
}

/** The logits [T, V] of the text, as bytes. */
async function logitsOf(model: Decoder, tokenizer: Tokenizer) {
  const tokens = tokenizer.encode(text)
  const logits = noGrad(() => scope(() => ops.linear(model.forward(pack([tokens])), model.head)))
  const bytes = await logits.readBytes()
  logits.dispose()
  return Buffer.from(bytes)
}

await saveModel(folder, { model, tokenizer })
console.log((await readdir(folder)).sort().join(' '))
const loaded = await loadModel(folder)
const { family, width, numLayers, maxPositions } = loaded.model.config
console.log(`${family}: width ${width}, ${numLayers} layers, ${maxPositions} positions`)
const [before, after] = [await logitsOf(model, tokenizer), await logitsOf(loaded.model, loaded.tokenizer)]
console.log(`${before.length / 4} logits of ${JSON.stringify(text)}, the same bits: ${before.equals(after)}`)
await rm(folder, { recursive: true })
