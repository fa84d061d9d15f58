// What the adapters of a decoder are: their rank, their scale, and which projections of a layer have one.

import { checkOptions, type OptionKeys, requireArrays } from '../../arguments.js'
import { ArgumentError } from '../../errors.js'
import { nearestName } from '../../nearest-name.js'
import type { Linear } from '../../nn/linear.js'
import type { DecoderLayer } from '../decoder.js'

/** The projections of a layer by their names here: the path from the layer, and the name by which Python's peft knows it. */
const projections = {
  query: { path: 'attention.query', peftName: 'q_proj', of: ({ attention }: DecoderLayer) => attention.query },
  key: { path: 'attention.key', peftName: 'k_proj', of: ({ attention }: DecoderLayer) => attention.key },
  value: { path: 'attention.value', peftName: 'v_proj', of: ({ attention }: DecoderLayer) => attention.value },
  output: { path: 'attention.output', peftName: 'o_proj', of: ({ attention }: DecoderLayer) => attention.output },
  gate: { path: 'mlp.gate', peftName: 'gate_proj', of: ({ mlp }: DecoderLayer) => mlp.gate },
  up: { path: 'mlp.up', peftName: 'up_proj', of: ({ mlp }: DecoderLayer) => mlp.up },
  down: { path: 'mlp.down', peftName: 'down_proj', of: ({ mlp }: DecoderLayer) => mlp.down },
} satisfies Record<string, { path: string; peftName: string; of: (layer: DecoderLayer) => Linear }>

/**
 * A projection of a layer: `'query'`, `'key'`, `'value'`, `'output'` of attention, `'gate'`, `'up'`, `'down'` of the
 * feed-forward block.
 */
export type LoraTarget = keyof typeof projections

/** Every projection that can have an adapter. */
export const loraTargets = Object.keys(projections) as LoraTarget[]

/** Every name of a target: ours, then peft's. */
export const loraTargetNames: readonly string[] = [...loraTargets, ...loraTargets.map((target) => peftNameOf(target))]

/** What adapters to put on a decoder (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021). */
export interface LoraOptions {
  /** Rows of `a`, columns of `b`; from 1. */
  rank: number
  /** What the adapters add is multiplied by alpha / rank; above 0. */
  alpha: number
  /** Projections by our names or peft's ('q_proj'); every one where left out. */
  targets?: readonly string[] | undefined
  /** Of the first values of `a`. Default 0. */
  seed?: number | undefined
  /** Share of an adapter's input, in [0, 1), that a forward pass with a DropoutCall drops. Default 0. */
  dropout?: number | undefined
  /**
   * alpha / √rank instead of alpha / rank (Kalajdzievski, "A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA",
   * 2023). Default false.
   */
  useRankStabilization?: boolean | undefined
}

/** LoraOptions with nothing left out. */
export interface LoraConfig {
  /** Rows of `a`, columns of `b`. */
  rank: number
  /** What the adapters add is multiplied by alpha / rank. */
  alpha: number
  /** In the order of loraTargets. */
  targets: readonly LoraTarget[]
  /** Share of an adapter's input that a forward pass with a DropoutCall drops. */
  dropout: number
  /** alpha / √rank instead of alpha / rank. */
  useRankStabilization: boolean
}

/** Checks the options and fills in what they leave out. */
export function loraConfig(options: LoraOptions): LoraConfig {
  checkOptions('lora', options, optionKeys)
  if (options.targets !== undefined) requireArrays('lora', { targets: options.targets })
  const { rank, alpha, dropout = 0, useRankStabilization = false } = options
  if (!Number.isInteger(rank) || rank < 1) throw wrong('a whole number from 1', 'rank', rank)
  if (!(alpha > 0 && Number.isFinite(alpha))) throw wrong('a positive number', 'alpha', alpha)
  if (!(dropout >= 0 && dropout < 1)) throw wrong('a number from 0 to below 1', 'dropout', dropout)
  const asked = new Set((options.targets ?? loraTargets).map(targetNamed))
  if (asked.size === 0) throw wrong('at least one name', 'targets', 'none')
  return { rank, alpha, dropout, useRankStabilization, targets: loraTargets.filter((target) => asked.has(target)) }
}

/** Factor on what an adapter adds. */
export const scaleOf = ({ rank, alpha, useRankStabilization }: LoraConfig): number =>
  alpha / (useRankStabilization ? Math.sqrt(rank) : rank)

export function peftNameOf(target: LoraTarget): string {
  return projections[target].peftName
}

/** From the layer: 'mlp.gate'. */
export const pathOf = (target: LoraTarget): string => projections[target].path

export const projectionOf = (layer: DecoderLayer, target: LoraTarget): Linear => projections[target].of(layer)

const optionKeys: OptionKeys<LoraOptions> = {
  rank: true,
  alpha: true,
  targets: true,
  seed: true,
  dropout: true,
  useRankStabilization: true,
}

function targetNamed(name: string): LoraTarget {
  const target = loraTargets.find((target) => target === name || peftNameOf(target) === name)
  if (target) return target
  const nearest = nearestName(name, loraTargetNames)
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
  throw wrong(`names out of ${loraTargetNames.join(', ')}`, 'targets', `${JSON.stringify(name)}${hint}`)
}

const wrong = (expected: string, argument: string, got: unknown): ArgumentError =>
  new ArgumentError(`[lora] expected ${expected} for ${argument}, got ${got}`)
