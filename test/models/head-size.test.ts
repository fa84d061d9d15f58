import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tensor, zeros } from '../../lib/create.js'
import { createModel } from '../../lib/models/create.js'
import { parseDecoderConfig } from '../../lib/models/decoder-config.js'
import { isSupportedHeadSize } from '../../lib/models/head-size.js'
import { attention } from '../../lib/ops/index.js'
import { scope } from '../../lib/scope.js'
import { fixtureFolder } from './fixtures.js'

const json = JSON.parse(readFileSync(join(fixtureFolder('llama-tied'), 'config.json'), 'utf8')) as object
const parse = (head_dim: number) => parseDecoderConfig(JSON.stringify({ ...json, head_dim }), 'm/config.json').config

function doesAttentionTake(size: number): boolean {
  try {
    scope(() => {
      const heads = () => zeros([1, 1, size])
      attention(heads(), heads(), heads(), { cuSeqlens: tensor(Int32Array.of(0, 1)) })
    })
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'UnsupportedError' })
    return false
  }
}

const sizes = [1, 4, 8, 12, 16, 64, 80, 100, 128, 248, 256, 257, 264, 512]

test('a model loads with the head sizes that attention takes, and with no other', () => {
  for (const size of sizes) {
    expect(isSupportedHeadSize(size), `${size}`).toBe(doesAttentionTake(size))
    if (isSupportedHeadSize(size)) expect(parse(size).headSize).toBe(size)
    else
      expect(() => parse(size)).toThrow(
        expect.objectContaining({
          code: 'UnsupportedError',
          message: `m/config.json, head_dim: expected a multiple of 8 up to 256, got ${size}`,
        }),
      )
  }
})

test('a model made here is held to them too', () => {
  expect(() => createModel({ ...parse(16), headSize: 12 }, { seed: 1 })).toThrow(
    'model, head_dim: expected a multiple of 8 up to 256, got 12',
  )
})
