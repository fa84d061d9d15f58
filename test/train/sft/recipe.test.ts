import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { planSft } from '../../../lib/train/sft/plan.js'
import { loadSftRecipe, parseSftRecipe, sftRecipeToYaml } from '../../../lib/train/sft/recipe/load.js'
import { byteTokenizerFolder } from '../../data/chat/byte-tokenizer.js'
import { bare } from '../../data/chat/templates.js'
import { root } from '../../helpers/source-files.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { thrownBy } from '../../helpers/thrown.js'

const least = 'name: r\nmodel: { path: m }\ndata: { train: a.jsonl }\n'

test('a name, a model and data will do: the rest has defaults, and reads back as it is', () => {
  const recipe = parseSftRecipe(least, 'r.yaml')
  expect(recipe).toMatchObject({
    data: { prompt: '{problem}', answers: 'all', tooLong: 'error' },
    training: { epochs: 1, batch: { examples: 16 }, tokensPerMicroBatch: 32_768, maxGradNorm: 1, useRecompute: false },
    optimizer: { learningRate: 1e-5, moments: 'f32' },
    checkpoint: { everySteps: 100, keepLast: 2 },
  })
  expect(parseSftRecipe(sftRecipeToYaml(recipe), 'again.yaml')).toEqual(recipe)
})

test.each(['sft-gsm8k', 'sft-reasoning-lora'])('recipes/%s.yaml is taken', async (name) => {
  const { recipe } = await loadSftRecipe(join(root, `recipes/${name}.yaml`), { mayLackFiles: true })
  expect(recipe.name).toBe(name)
})

test.each([
  ['data.answer=last', 'unknown key "answer" in data; did you mean "answers"?'],
  ['data.answers=first', 'expected one of all, last, verbatim for data.answers, got "first"'],
  ['data.answerAfter="####"', 'unknown key "answerAfter" in data'],
  ['training.batch={ examples: 2, tokens: 5 }', 'expected one of examples and tokens for training.batch'],
  ['training.batch={}', 'expected one of examples and tokens for training.batch'],
  ['data.heldOutExamples=0', 'expected at least 1 for data.heldOutExamples, got 0'],
  ['evaluation.everySteps=5', 'expected data.heldOut or data.heldOutExamples beside evaluation.everySteps'],
  [
    'optimizer.learningRateSchedule.finalFraction=2',
    'expected at most 1 for optimizer.learningRateSchedule.finalFraction',
  ],
  [
    'optimizer.learningRateSchedule={ steps: 3, warmupSteps: 4 }',
    'expected at least warmupSteps = 4 for learningRateSchedule.steps, got 3',
  ],
  ['model.baseDtype=bf16', 'expected model.lora or model.adapter beside model.baseDtype bf16'],
  ['model.path=~', 'expected text for model.path'],
  ['rollout.numAnswers=2', 'unknown key "rollout"'],
])('%s is refused', (setting, message) => {
  const error = thrownBy(() => parseSftRecipe(least, 'r.yaml', { set: [setting] }))
  expect([(error as { code?: string }).code, error?.message]).toEqual(['RecipeError', expect.stringContaining(message)])
})

test.each([['heldOut: b.jsonl, heldOutExamples: 4', 'expected no data.heldOutExamples beside data.heldOut']])(
  'data with %s is refused',
  (more, message) => {
    expect(() => parseSftRecipe(least.replace('a.jsonl', `a.jsonl, ${more}`), 'r.yaml')).toThrow(message)
  },
)

test('a decay without steps is taken: it ends with the run', () => {
  const schedule = 'optimizer.learningRateSchedule={ decay: cosine, warmupSteps: 5 }'
  expect(parseSftRecipe(least, 'r.yaml', { set: [schedule] }).optimizer.learningRateSchedule?.steps).toBeUndefined()
})

test('a model made from nothing needs a tokenizer, and adapters may have dropout', () => {
  const create = 'create: { hiddenSize: 16, intermediateSize: 16, numLayers: 1, numHeads: 2, numKeyValueHeads: 1 }'
  const created = (more: string) => least.replace('path: m', `${create}${more}`)
  expect(() => parseSftRecipe(created(''), 'r.yaml')).toThrow(
    'missing key model.tokenizer: a model made from nothing has none',
  )
  const lora = ', tokenizer: t, lora: { rank: 2, alpha: 4, dropout: 0.5 }'
  expect(parseSftRecipe(created(lora), 'r.yaml').model.lora?.dropout).toBe(0.5)
})

describe('a plan', () => {
  /** Prompt of 2 tokens, answers of i + 1 and the end token; a tokenizer of bytes, a model of 64 positions. */
  function folderWith(data: string, training = '{}'): string {
    const folder = temporaryFolder()
    const rows = Array.from({ length: 10 }, (_, i) => JSON.stringify({ prompt: 'ab', completion: 'c'.repeat(i + 1) }))
    writeFileSync(join(folder, 'chats.jsonl'), `${rows.join('\n')}\n{"text":"no chat"}\n`)
    const create =
      '{ hiddenSize: 16, intermediateSize: 16, numLayers: 1, numHeads: 2, numKeyValueHeads: 1, maxPositions: 64 }'
    const file = join(folder, 'r.yaml')
    const model = `{ create: ${create}, tokenizer: ${JSON.stringify(byteTokenizerFolder(bare))} }`
    writeFileSync(
      file,
      `name: r\nmodel: ${model}\ndata: { train: chats.jsonl, maxBadRows: 1, ${data} }\ntraining: ${training}\n`,
    )
    return file
  }
  const planOf = async (data: string, training?: string) => planSft(await loadSftRecipe(folderWith(data, training)))

  test('counts tokens, what is cut and what is bad', async () => {
    expect(await planOf('maxTokens: 8, tooLong: cut')).toEqual({
      ...{ type: 'plan', recipe: 'r', device: 'cpu', numParameters: expect.any(Number), numBadRows: 1 },
      train: {
        // Inputs are 1 less than tokens: 3 to 6 whole, then six of 8 tokens, of which one is whole.
        ...{ numExamples: 10, numTokens: 3 + 4 + 5 + 6 + 6 * 7, meanTokens: 6, maxTokens: 7 },
        ...{ numLearnedTokens: 2 + 3 + 4 + 5 + 6 * 6, numDropped: 0, numCut: 5 },
      },
      heldOut: null,
      ...{ epochs: 1, numSteps: 1, evaluateEverySteps: null },
      ...{ meanTokensPerStep: 60, maxTokensPerStep: 60, numTokens: 60 },
    })
  })

  test('leaves out what is too long, and holds examples out of the rest by the seed', async () => {
    const plan = await planOf(
      'maxTokens: 8, tooLong: drop, heldOutExamples: 2',
      '{ epochs: 3, batch: { examples: 2 } }',
    )
    expect(plan).toMatchObject({ train: { numExamples: 3, numDropped: 5 }, heldOut: { numExamples: 2 }, numSteps: 6 })
    expect(plan.train.numTokens + (plan.heldOut?.numTokens ?? 0)).toBe(3 + 4 + 5 + 6 + 7)
  })

  test('ends where maxSteps says, and counts batches by tokens', async () => {
    const plan = await planOf('heldOutExamples: 1', '{ epochs: 4, maxSteps: 5, batch: { tokens: 20 } }')
    expect(plan.numSteps).toBe(5)
    expect(plan.maxTokensPerStep).toBeLessThanOrEqual(20)
  })

  test('of more held-out examples than there are is refused', async () => {
    await expect(planOf('heldOutExamples: 10')).rejects.toThrow(
      'expected fewer than the 10 examples of data.train for data.heldOutExamples, got 10',
    )
  })

  test('of examples longer than the model has positions for names the row', async () => {
    const file = folderWith('prompt: "{problem}"')
    writeFileSync(
      file.replace('r.yaml', 'chats.jsonl'),
      `${JSON.stringify({ prompt: 'a'.repeat(70), completion: 'b' })}\n`,
    )
    await expect(planSft(await loadSftRecipe(file))).rejects.toThrow(
      /chats\.jsonl, line 1: expected at most maxTokens = 65 tokens, got 72; tooLong: drop or cut$/,
    )
  })
})
