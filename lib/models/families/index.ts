// The families of decoders, by config.json's model_type.
import type { Family } from './family.js'
import { llama } from './llama.js'
import { qwen2 } from './qwen2.js'
import { qwen3 } from './qwen3.js'

export type { Family } from './family.js'

const families = { llama, qwen2, qwen3 }

/**
 * A config.json's model_type: `'llama'` (Llama 2 and 3: no biases), `'qwen2'` (Qwen2 and 2.5: biases on queries, keys and
 * values) or `'qwen3'` (norms on queries and keys).
 */
export type FamilyName = keyof typeof families

export const familyNames = Object.keys(families) as FamilyName[]

export const isFamilyName = (name: string): name is FamilyName => Object.hasOwn(families, name)

/** A configuration that names no family is one of Qwen2's. */
export const familyNameOf = ({ family = 'qwen2' }: { family?: FamilyName | undefined }): FamilyName => family

export const familyOf = (config: { family?: FamilyName | undefined }): Family => families[familyNameOf(config)]
