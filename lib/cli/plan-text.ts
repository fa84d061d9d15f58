// A plan for people.
import { describeStage } from '../schedule/describe.js'
import type { MemoryPlan } from '../train/plan/memory.js'
import type { Plan, StagePlan } from '../train/plan/plan.js'
import { count, table } from './format.js'

const parts: Record<keyof MemoryPlan, string> = {
  weights: 'weights',
  adapters: 'adapters',
  masterWeights: 'master weights',
  packedCopies: 'packed copies',
  gradients: 'gradients',
  moments: 'moments',
  reference: 'reference',
  snapshot: "a checkpoint's copy",
  kvCache: 'keys and values, while sampling',
  activations: 'activations of a micro-batch',
  backward: "a layer's backward",
  logits: "a chunk of logits, the head's gradient",
  peak: 'at once, without what an op needs as it runs',
}

/** A row for each part that some of the plans have, in GB. */
export function memoryRows(plans: readonly MemoryPlan[]): string[][] {
  const shown = (Object.entries(parts) as [keyof MemoryPlan, string][]).filter(([part]) =>
    plans.some((plan) => plan[part] > 0),
  )
  return shown.map(([part, name]) => [name, ...plans.map((plan) => (plan[part] > 0 ? gigabytes(plan[part]) : '–'))])
}

export function planText(plan: Plan): string {
  const { recipe, device, numParameters, stages, memory } = plan
  const header = ['stage', 'steps', 'response', 'prompts × answers', 'answer tokens a step', 'updates a step', 'resets']
  const rows = stages.map((s, i) => [
    ...[`${i + 1}`, s.maxSteps === null ? 'open' : `${s.maxSteps}`, `${s.maxResponseTokens}`],
    ...[`${s.promptsPerStep} × ${s.numAnswers}`, `≤ ${count(s.maxAnswerTokensPerStep)}`, `${s.updatesPerStep}`],
    s.reset.join(', ') || '–',
  ])
  return [
    `${recipe}: ${count(numParameters)} parameters on ${device}; a plan, nothing is run`,
    '',
    table(header, rows),
    '',
    table(['stage', 'temperature', 'clip', 'KL', 'entropy', 'learning rate', 'until'], stages.map(settingsRow)),
    '',
    table(['memory, float32', 'GB'], memoryRows([memory])),
  ].join('\n')
}

const settingsRow = (stage: StagePlan, index: number): string[] => [
  ...[`${index + 1}`, `${stage.temperature}`, clipText(stage), klText(stage), short(stage.entropyWeight)],
  ...[rateText(stage), describeStage(stage)],
]

const clipText = ({ clipLow, clipHigh }: StagePlan): string =>
  `−${clipLow} ${Number.isFinite(clipHigh) ? `+${clipHigh}` : 'no upper'}`

const klText = ({ klWeight, klEstimator }: StagePlan): string =>
  klWeight === 0 ? '–' : `${short(klWeight)} (${klEstimator})`

function rateText({ learningRate, learningRateSchedule }: StagePlan): string {
  const { decay = 'constant', steps, warmupSteps = 0, finalFraction = 0 } = learningRateSchedule ?? {}
  const up = warmupSteps > 0 ? `, up over ${stepsText(warmupSteps)}` : ''
  const end = Number((learningRate * finalFraction).toPrecision(3))
  return `${short(learningRate)}${up}${decay === 'constant' ? '' : `, ${decay} to ${short(end)} at step ${steps}`}`
}

/** 0.000001 → "1e-6". */
const short = (x: number): string => (x > 0 && x < 0.01 ? x.toExponential() : `${x}`)

const stepsText = (n: number): string => (n === 1 ? '1 step' : `${n} steps`)

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(bytes < 1e7 ? 4 : 2)
