// The rotary settings of config.json and the frequencies they stand for, against Python's transformers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseDecoderConfig } from '../../lib/index.js'
import { configJson } from '../../lib/models/decoder-config.js'
import { ropeFrequencies } from '../../lib/models/rope-frequencies.js'
import { ropeTables } from '../../lib/models/rope-tables.js'
import { fixtureFolder } from './fixtures.js'

interface RopeCase {
  name: string
  head_dim: number
  max_position_embeddings: number
  rope_parameters: Record<string, unknown>
  frequencies: number[]
  attention_factor: number
}

const base = JSON.parse(readFileSync(join(fixtureFolder('llama-tied'), 'config.json'), 'utf8'))
delete base.rope_parameters
const parse = (change: object) => parseDecoderConfig(JSON.stringify({ ...base, ...change }), 'config.json').config
const cases: RopeCase[] = JSON.parse(readFileSync(join(fixtureFolder('llama-tied'), '..', 'rope.json'), 'utf8'))

describe.each(cases)('$name', ({ head_dim, max_position_embeddings, ...expected }) => {
  const config = parse({ head_dim, max_position_embeddings, rope_parameters: expected.rope_parameters })

  test('frequencies and factor are those of transformers', () => {
    const { inverse, attentionFactor } = ropeFrequencies(config)
    expect(inverse.length).toBe(head_dim / 2)
    // Nearly all are its bits. Its vectorised power may be one unit in the last place from ours.
    inverse.forEach((frequency, i) => {
      const theirs = expected.frequencies[i] as number
      expect(Math.abs(frequency - theirs), `frequency ${i}: ${frequency}, ${theirs}`).toBeLessThanOrEqual(
        2 ** -23 * theirs,
      )
    })
    expect(attentionFactor).toBeCloseTo(expected.attention_factor, 14)
  })

  test('the older spelling means the same, and so does what is saved', () => {
    const { rope_theta, ...rope_scaling } = expected.rope_parameters
    expect(parse({ head_dim, max_position_embeddings, rope_theta, rope_scaling })).toEqual(config)
    const { rope_type: type, ...rest } = rope_scaling
    expect(parse({ head_dim, max_position_embeddings, rope_theta, rope_scaling: { type, ...rest } })).toEqual(config)
    const saved = parseDecoderConfig(JSON.stringify(configJson(config)), 'config.json').config
    expect(ropeFrequencies(saved)).toEqual(ropeFrequencies(config))
    expect(saved.ropeTheta).toBe(config.ropeTheta)
  })
})

test('the tables are cosines and sines times the factor', async () => {
  const tables = { headSize: 8, maxPositions: 5, ropeTheta: 100 }
  // A factor of 1 leaves the frequencies alone.
  const ropeScaling = { type: 'yarn', factor: 1, betaFast: 32, betaSlow: 1, attentionFactor: 1.5 } as const
  const plain = ropeTables(tables)
  const scaled = ropeTables({ ...tables, ropeScaling: { ...ropeScaling, originalMaxPositions: 64, isTruncated: true } })
  for (const key of ['cos', 'sin'] as const) {
    using before = plain[key]
    using after = scaled[key]
    expect([...(await after.toArray())]).toEqual([...(await before.toArray())].map((value) => Math.fround(1.5 * value)))
  }
})

describe('where transformers looks', () => {
  const linear = { rope_type: 'linear', factor: 2 }

  test('settings go before rope_theta beside them, and 10000 is the default', () => {
    expect(parse({}).ropeTheta).toBe(10_000)
    expect(parse({ rope_theta: 500 }).ropeTheta).toBe(500)
    expect(parse({ rope_theta: 500, rope_parameters: { rope_type: 'default', rope_theta: 7 } }).ropeTheta).toBe(7)
    expect(parse({ rope_theta: 500, rope_scaling: linear }).ropeTheta).toBe(500)
  })

  test('rope_scaling goes before rope_parameters, unless it is empty', () => {
    const rope_parameters = { rope_type: 'default', rope_theta: 7 }
    expect(parse({ rope_parameters, rope_scaling: linear }).ropeScaling).toEqual({ type: 'linear', factor: 2 })
    for (const rope_scaling of [{}, null]) expect(parse({ rope_parameters, rope_scaling }).ropeTheta).toBe(7)
  })

  test('a first length outside the settings goes before the one in them', () => {
    const rope_scaling = { type: 'yarn', factor: 4, original_max_position_embeddings: 32 }
    expect(parse({ rope_scaling }).ropeScaling).toMatchObject({ originalMaxPositions: 32 })
    const outside = parse({ rope_scaling, original_max_position_embeddings: 64 })
    expect(outside.ropeScaling).toMatchObject({ originalMaxPositions: 64 })
  })
})

describe('what is wrong says where', () => {
  const llama3 = {
    rope_type: 'llama3',
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 64,
  }
  const yarn = { type: 'yarn', factor: 4 }

  test.each([
    [{ rope_scaling: { rope_type: 'linear' } }, /config.json, rope_scaling.factor: /],
    [{ rope_scaling: { rope_type: 'linear', factor: 0.5 } }, /config.json, rope_scaling.factor: .*>=1/],
    [{ rope_scaling: { ...llama3, factor: undefined } }, /config.json, rope_scaling.factor: /],
    [{ rope_scaling: { ...llama3, factor: '8' } }, /config.json, rope_scaling.factor: .*number/],
    [{ rope_scaling: { ...llama3, low_freq_factor: 0 } }, /config.json, rope_scaling.low_freq_factor: /],
    [
      { rope_scaling: { ...llama3, high_freq_factor: 1 } },
      /rope_scaling.high_freq_factor: expected more than low_freq_factor 1, got 1/,
    ],
    [
      { rope_scaling: { ...llama3, original_max_position_embeddings: undefined } },
      /config.json, rope_scaling.original_max_position_embeddings: /,
    ],
    [{ rope_parameters: { type: 'yarn' } }, /config.json, rope_parameters.factor: /],
    [
      { rope_scaling: { ...yarn, factor: null, original_max_position_embeddings: 256 } },
      /rope_scaling.original_max_position_embeddings: expected at most max_position_embeddings 128, .*got 256/,
    ],
    [{ rope_scaling: { ...yarn, beta_fast: 0.5 } }, /rope_scaling.beta_fast: expected at least beta_slow 1, got 0.5/],
    [{ rope_scaling: { ...yarn, attention_factor: -1 } }, /config.json, rope_scaling.attention_factor: /],
    [{ rope_scaling: { ...yarn, original_max_position_embeddings: 1.5 } }, /original_max_position_embeddings: /],
    [{ rope_scaling: { ...yarn, truncate: 'no' } }, /config.json, rope_scaling.truncate: /],
    [{ rope_scaling: yarn, rope_theta: 1 }, /config.json, rope_theta: expected more than 1 for yarn, got 1/],
    [{ rope_theta: -1 }, /config.json, rope_theta: /],
    [{ rope_scaling: 'yarn' }, /config.json, rope_scaling: /],
  ])('%j', (change, message) => {
    expect(() => parse(change)).toThrow(message)
    expect(() => parse(change)).toThrow(expect.objectContaining({ code: 'FileFormatError' }))
  })

  test.each([
    [
      { rope_parameters: { rope_type: 'longrope' } },
      /rope_parameters.rope_type: expected one of "default", "linear", "llama3", "yarn", got "longrope"/,
    ],
    [{ rope_scaling: { type: 'constructor' } }, /config.json, rope_scaling.type: .*got "constructor"/],
    [{ partial_rotary_factor: 0.5 }, /config.json, partial_rotary_factor: expected 1, got 0.5/],
    [{ rope_parameters: { full_attention: { rope_theta: 5 } } }, /rope_parameters.full_attention: expected the same/],
  ])('%j is unsupported', (change, message) => {
    expect(() => parse(change)).toThrow(message)
    expect(() => parse(change)).toThrow(expect.objectContaining({ code: 'UnsupportedError' }))
  })
})
