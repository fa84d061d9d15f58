// Two steps of the quickstart, shrunken, from the installed package; compiled as an ES module and as CommonJS. Arguments: the recipe and
// the run's folder. Prints hashes of the weights and of the metrics but for the clock's.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LoadedRecipe, loadRecipe, type RunEvent, runRecipe } from 'lengthen'

type Step = Extract<RunEvent, { type: 'step' }>

const smaller: readonly string[] = [
  'distill.maxSteps=4',
  'distill.warmupSteps=1',
  'distill.cooldownSteps=1',
  'distill.until.overSteps=2',
  'distill.curriculum.overSteps=2',
  'rollout.promptsPerStep=4',
  'rollout.numAnswers=4',
  'objective.entropyWeight=0.01', // an untrained model's answers are all wrong: this is something to learn from
  'schedule.stages=[{maxResponseTokens: 16, until: {steps: 1}}, {maxResponseTokens: 32, until: {steps: 1}}]',
  'evaluation.numProblems=4',
]

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex').slice(0, 16)

function withoutClock({ seconds, rolloutTokensPerSecond, trainTokensPerSecond, ...rest }: Step): Partial<Step> {
  return rest
}

async function main(file: string, out: string): Promise<void> {
  const loaded: LoadedRecipe = await loadRecipe(file, { set: smaller })
  const steps: Partial<Step>[] = []
  for await (const event of runRecipe(loaded, { out })) if (event.type === 'step') steps.push(withoutClock(event))
  const weights = sha256(readFileSync(join(out, 'model/model.safetensors')))
  const hasLearned = steps.every(({ gradientNorm = 0 }) => gradientNorm > 0)
  console.log(JSON.stringify({ numSteps: steps.length, hasLearned, weights, metrics: sha256(JSON.stringify(steps)) }))
}

const [file = '', out = ''] = process.argv.slice(2)
void main(file, out)
