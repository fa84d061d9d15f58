import { beforeAll, expect, test } from 'vitest'
import { cosineRows } from '../../../lib/data/curate/cosines.js'
import { embedTexts } from '../../../lib/data/curate/embed.js'
import type { Decoder } from '../../../lib/models/decoder.js'
import { pack } from '../../../lib/models/pack.js'
import type { Tokenizer } from '../../../lib/tokenizer/tokenizer.js'
import { digitModel, digitTokenizer } from '../../train/tiny-run.js'

let tokenizer: Tokenizer
let model: Decoder
beforeAll(async () => {
  tokenizer = await digitTokenizer()
  model = digitModel(tokenizer, { maxPositions: 8 })
  return () => model.dispose()
})

const embed = (...texts: string[]) => embedTexts(texts, { model, tokenizer })

test('a text is the mean of its last hidden states, whatever stands beside it', async () => {
  const text = ' 3:1+2'
  using states = model.forward(pack([tokenizer.encode(text)], { device: 'cpu' }))
  const values = await states.toArray()
  const { width } = model.config
  const numTokens = values.length / width
  const mean = Array.from({ length: width }, (_, c) => {
    const column = Array.from({ length: numTokens }, (_, t) => values[t * width + c] as number)
    return column.reduce((sum, value) => sum + value, 0) / numTokens
  })
  const [alone] = await embed(text)
  for (const [c, value] of mean.entries()) expect(alone?.[c]).toBeCloseTo(value, 5)
  const [, among] = await embed(' 9:9+9', text, ' 1:1')
  for (const [c, value] of mean.entries()) expect(among?.[c]).toBeCloseTo(value, 5)
})

test("a pair's cosine does not depend on the other rows", async () => {
  const cosine = async (...texts: string[]) => {
    for await (const row of cosineRows(await embed(...texts), { first: 0 })) return row[1] as number
    return Number.NaN
  }
  const pair = await cosine(' 3:1+2', ' 4:2+5')
  expect(pair).toBeGreaterThan(-0.999)
  expect(await cosine(' 3:1+2', ' 4:2+5', ' 7:1', ' 8:8', ' 1:1+1')).toBeCloseTo(pair, 5)
})

test('of a text beyond the positions the beginning counts, and one without tokens is zeros', async () => {
  const long = ' 3:1+2+4+5+6+7+8+9'
  const cut = tokenizer.decode(tokenizer.encode(long).slice(0, 8))
  const [whole, beginning, none] = await embed(long, cut, '')
  expect(whole).toEqual(beginning)
  expect(none?.every((value) => value === 0)).toBe(true)
  expect(await embed()).toEqual([])
})
