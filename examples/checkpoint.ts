// A run that is killed and resumed ends with the same bits. The program starts itself three times: a run left alone, a run killed by
// SIGKILL after its seventh step, and the killed run resumed from its checkpoint; then it compares metrics and weights.
// Run: node checkpoint.ts
//
//   left alone: step 1 … step 12
//   killed: step 1 … step 7
//   resumed: resumed after step 6 … step 12
//   the same metrics: true
//   the same weights: true
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  AdamW,
  contextSchedule,
  createModel,
  GrpoTrainer,
  type Row,
  RunDirectory,
  RunKeeper,
  saveModel,
  Tokenizer,
} from 'lengthen'

const [task, path = ''] = process.argv.slice(2)
if (task === undefined) await compare()
else await train(path, { isResumed: task === 'resume' })

/** Twelve steps with a checkpoint after every third. */
async function train(path: string, { isResumed }: { isResumed: boolean }) {
  const tokenizer = Tokenizer.wordLevel({
    tokens: [...'abcd?'],
    eosToken: '<end>',
    padToken: '<pad>',
    chatTemplate: '{{ messages[0].content }}',
  })
  const sizes = { width: 32, feedForwardWidth: 64, numLayers: 1, numHeads: 2, maxPositions: 16 }
  const model = createModel({ ...sizes, vocabularySize: tokenizer.vocabSize, initializerRange: 0.1 }, { seed: 1 })
  const data = [...'abcd'].map((letter): Row => ({ id: letter, problem: `${letter}?` }))

  const directory = isResumed ? await RunDirectory.reopen(path) : await RunDirectory.create(path)
  const keeper = await RunKeeper.open(directory, { everySteps: 3 })
  const { checkpoint } = isResumed ? await keeper.resume() : {}
  if (checkpoint) console.log(`resumed after step ${checkpoint.step}`)
  const trainer = new GrpoTrainer({
    ...{ model, tokenizer, data, out: keeper },
    reward: ({ row, text }) => Number(text.startsWith(row.id)),
    optimizer: new AdamW(model.parameters(), { learningRate: 1e-2 }),
    schedule: contextSchedule([
      { maxResponseTokens: 3, until: { steps: 6 } },
      { maxResponseTokens: 6, until: { steps: 6 } },
    ]),
    promptsPerStep: 4,
    numAnswers: 8,
  })
  for await (const { step } of trainer.run({ from: checkpoint })) console.log(`step ${step}`)
  await keeper.close()
  await saveModel(join(path, 'model'), { model, tokenizer })
}

async function compare() {
  const folder = await mkdtemp(join(tmpdir(), 'lengthen-example-'))
  const [alone, killed] = [join(folder, 'alone'), join(folder, 'killed')]
  console.log('left alone:', await start('train', alone))
  console.log('killed:', await start('train', killed, { killAfter: 'step 7' }))
  console.log('resumed:', await start('resume', killed))
  const [first, second] = [await resultOf(alone), await resultOf(killed)]
  console.log(`the same metrics: ${first.metrics === second.metrics}`)
  console.log(`the same weights: ${first.weights === second.weights}`)
  await rm(folder, { recursive: true })
}

/** Runs this program with a task of its own, and gives the lines that it printed. */
async function start(task: string, path: string, { killAfter }: { killAfter?: string } = {}): Promise<string> {
  const child = spawn(process.execPath, [process.argv[1] ?? '', task, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line === killAfter) child.kill('SIGKILL')
  }
  return `${lines[0]} … ${lines.at(-1)}`
}

/** Times differ from run to run; nothing else does. */
async function resultOf(path: string) {
  const text = await readFile(join(path, 'metrics.jsonl'), 'utf8')
  const weights = await readFile(join(path, 'model', 'model.safetensors'))
  return {
    metrics: text.replaceAll(/"(seconds|rolloutTokensPerSecond|trainTokensPerSecond)":[^,}]*/g, ''),
    weights: createHash('sha256').update(weights).digest('hex'),
  }
}
