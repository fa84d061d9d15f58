import { expect, test } from 'vitest'
import { parseRecipe } from '../../../lib/train/recipe/recipe.js'

const whole = (model: string, more = '') => `name: whole
model:
  path: somewhere
${model}data: { train: a.jsonl, heldOut: b.jsonl }
rollout: { promptsPerStep: 4 }
schedule: { stages: [{ maxResponseTokens: 32 }] }
${more}`
const parse = (model: string, more?: string) => parseRecipe(whole(model, more), 'r.yaml').model

test('without a word of adapters there are none, and the base is in f32', () => {
  expect(parse('')).toMatchObject({ baseDtype: 'f32' })
  expect(parse('').lora).toBeUndefined()
})

test('adapters are on every projection, drop nothing and are saved alone where no more is said', () => {
  expect(parse('  lora: { rank: 32, alpha: 128 }\n').lora).toEqual({
    rank: 32,
    alpha: 128,
    targets: ['query', 'key', 'value', 'output', 'gate', 'up', 'down'],
    dropout: 0,
    useRankStabilization: false,
    merge: false,
  })
})

test.each([
  '  lora: { rank: 1, alpha: 1, targets: [q_proj, down] }\n  baseDtype: bf16\n',
  '  adapter: a\n  baseDtype: bf16\n',
])('%s is taken', (model) => {
  expect(parse(model).baseDtype).toBe('bf16')
})

test.each<[string, string, string]>([
  [
    'a target that is none',
    '  lora: { rank: 1, alpha: 1, targets: [quary] }\n',
    'r.yaml:4:40: expected one of query, key, ',
  ],
  ['a rank of 0', '  lora: { rank: 0, alpha: 1 }\n', 'r.yaml:4:11: expected at least 1 for model.lora.rank, got 0'],
  ['no alpha', '  lora: { rank: 1 }\n', 'model.lora.alpha'],
  [
    'new adapters beside a folder of some',
    '  lora: { rank: 1, alpha: 1 }\n  adapter: a\n',
    'r.yaml:4:3: expected no model.lora beside model.adapter',
  ],
  [
    'a base in bf16 that is trained',
    '  baseDtype: bf16\n',
    'r.yaml:4:3: expected model.lora or model.adapter beside model.baseDtype bf16: weights that are trained are in f32',
  ],
  [
    'dropout, which reinforcement learning has no use for',
    '  lora: { rank: 1, alpha: 1, dropout: 0.1 }\n',
    'expected 0 for model.lora.dropout: a policy that drops elements while it learns is not the one that sampled; ' +
      'dropout is for supervised fine-tuning, got 0.1',
  ],
])('%s is an error', (_, model, message) => {
  expect(() => parse(model)).toThrow(message)
})
