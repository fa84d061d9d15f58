// What a run's directory says of the tokens and the seconds that its stages and evaluations took.
import { join } from 'node:path'
import { FileFormatError } from '../../../errors.js'
import { parseJson } from '../../../io/json.js'
import { readTextFile, readTextFileIfPresent } from '../../../io/read-file.js'
import type { PhaseReport, StepMetrics } from '../../events.js'
import type { StageRehearsal } from '../../rehearsal/rehearse.js'

/** Of a step, what the plan is compared by. */
export interface HappenedStep {
  stage: number
  limit: number
  numSamples: number
  meanTokens: number
  maxTokens: number
  /** Prompts included, over all passes. */
  trainedTokens: number
  rolloutSeconds: number
  learningSeconds: number
}

export interface Happened {
  steps: HappenedStep[]
  evaluations: PhaseReport[]
  /** Of the stages' worst batches, where the run rehearsed them and wrote it down; empty otherwise. */
  rehearsals: Pick<StageRehearsal, 'stage' | 'peakBytes'>[]
}

export async function readHappened(folder: string): Promise<Happened> {
  const file = join(folder, 'metrics.jsonl')
  const lines = (await readTextFile(file)).split('\n').filter((line) => line.trim() !== '')
  const steps = lines.map((line, i) => stepOf(parseJson(line, { file, place: `line ${i + 1}` }), { file, line: i + 1 }))
  const phasesFile = join(folder, 'phases.json')
  const phases = await readTextFileIfPresent(phasesFile)
  const evaluations = phases === undefined ? [] : evaluationsOf(parseJson(phases, { file: phasesFile }), phasesFile)
  return { steps, evaluations, rehearsals: await readRehearsals(join(folder, 'rehearsal.json')) }
}

const needed = ['stage', 'maxResponseTokens', 'numSamples', 'meanTokens', 'maxTokens', 'seconds'] as const
const rates = ['rolloutTokensPerSecond', 'trainTokensPerSecond'] as const

function stepOf(value: unknown, at: { file: string; line: number }): HappenedStep {
  const metrics = value as StepMetrics
  for (const key of [...needed, ...rates])
    if (typeof metrics?.[key] !== 'number' || !Number.isFinite(metrics[key]))
      throw new FileFormatError({ file: at.file, place: `line ${at.line}` }, `expected a number for ${key}`)
  const { stage, maxResponseTokens: limit, numSamples, meanTokens, maxTokens, seconds } = metrics
  const rolloutSeconds = Math.min(seconds, (meanTokens * numSamples) / metrics.rolloutTokensPerSecond)
  const learningSeconds = seconds - rolloutSeconds
  const trainedTokens = metrics.trainTokensPerSecond * learningSeconds
  return { stage, limit, numSamples, meanTokens, maxTokens, trainedTokens, rolloutSeconds, learningSeconds }
}

function evaluationsOf(value: unknown, file: string): PhaseReport[] {
  if (Array.isArray(value) && value.every(isPhase)) return value
  throw new FileFormatError({ file }, 'expected a list of phases with meanTokens and seconds')
}

const isPhase = (value: unknown): value is PhaseReport =>
  typeof value === 'object' && value !== null && 'meanTokens' in value && 'seconds' in value

async function readRehearsals(file: string): Promise<Happened['rehearsals']> {
  const text = await readTextFileIfPresent(file)
  const value = text === undefined ? [] : parseJson(text, { file })
  if (Array.isArray(value) && value.every(isRehearsal)) return value
  throw new FileFormatError({ file }, 'expected a list of rehearsals with stage and peakBytes')
}

const isRehearsal = (value: unknown): value is StageRehearsal =>
  typeof value === 'object' && value !== null && 'stage' in value && 'peakBytes' in value
