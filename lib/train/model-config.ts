// The decoder's configuration: as the recipe makes it, or as the folder's config.json says.
import { join } from 'node:path'
import { readTextFileIfPresent } from '../io/read-file.js'
import { type DecoderConfig, parseDecoderConfig } from '../models/decoder-config.js'
import { shapeOfSection } from './model-shape.js'
import type { Recipe } from './recipe/recipe.js'
import { ropeScalingOf } from './recipe/rope.js'

export type CreateSection = NonNullable<Recipe['model']['create']>

export function createdConfig(create: CreateSection, vocabularySize: number): DecoderConfig {
  return {
    ...shapeOfSection({ ...create, vocabularySize }),
    maxPositions: create.maxPositions,
    normEpsilon: create.rmsNormEpsilon,
    ropeTheta: create.ropeTheta,
    ropeScaling: create.ropeScaling && ropeScalingOf(create.ropeScaling),
    initializerRange: create.initializerRange,
  }
}

/** Undefined where the folder, or its config.json, is not there. */
export async function configIn(folder: string): Promise<DecoderConfig | undefined> {
  const file = join(folder, 'config.json')
  const text = await readTextFileIfPresent(file)
  return text === undefined ? undefined : parseDecoderConfig(text, file).config
}
