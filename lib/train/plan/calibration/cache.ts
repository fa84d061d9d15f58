// Calibrations are kept for each machine, version and model in the user's cache folder, so that planning again takes no time.
import { createHash } from 'node:crypto'
import { cpus, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { numThreads, target } from '../../../device.js'
import { parseJson } from '../../../io/json.js'
import { makeFolder } from '../../../io/make-folder.js'
import { readTextFileIfPresent } from '../../../io/read-file.js'
import { writeFileAtomically } from '../../../io/write-file.js'
import { packageVersion } from '../../../version.js'
import type { ModelShape } from '../../model-shape.js'
import { type CalibrateParts, sizesOf } from './calibrate.js'
import { type Calibration, calibrationSchema } from './calibration.js'

/** lengthen/calibrations in XDG_CACHE_HOME, or in ~/.cache. */
export function calibrationFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME } = env
  return join(resolve(XDG_CACHE_HOME || join(homedir(), '.cache')), 'lengthen', 'calibrations')
}

/** Everything that a calibration depends on. */
export function calibrationKey(parts: CalibrateParts): string {
  const { recipe, shape } = parts
  const machine = { cpu: cpus()[0]?.model ?? '', threads: numThreads(), target: target(), node: process.version }
  const settings = {
    useRecompute: recipe.objective.useRecompute,
    moments: recipe.optimizer.moments,
    lora: recipe.model.lora ?? null,
    reward: recipe.reward.mode,
    synthetic: recipe.data.synthetic !== undefined,
  }
  const text = JSON.stringify({
    version: packageVersion,
    machine,
    shape: shapeOnly(shape),
    sizes: sizesOf(parts),
    settings,
  })
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** Undefined where there is none, or where the file is not a calibration of this version. */
export async function readCalibration(key: string, folder = calibrationFolder()): Promise<Calibration | undefined> {
  const file = join(folder, `${key}.json`)
  const text = await readTextFileIfPresent(file)
  if (text === undefined) return undefined
  const { data } = calibrationSchema.safeParse(jsonOrNothing(text, file))
  return data
}

export async function writeCalibration(
  key: string,
  calibration: Calibration,
  folder = calibrationFolder(),
): Promise<void> {
  await makeFolder(folder)
  await writeFileAtomically(join(folder, `${key}.json`), `${JSON.stringify(calibration, null, 2)}\n`)
}

/** A config.json says more than sizes. */
function shapeOnly(shape: ModelShape): ModelShape {
  const { family, vocabularySize, width, feedForwardWidth, numLayers, numHeads, numKvHeads, headSize, isHeadTied } =
    shape
  return { family, vocabularySize, width, feedForwardWidth, numLayers, numHeads, numKvHeads, headSize, isHeadTied }
}

/** A damaged file is measured again. */
function jsonOrNothing(text: string, file: string): unknown {
  try {
    return parseJson(text, { file })
  } catch {
    return undefined
  }
}
