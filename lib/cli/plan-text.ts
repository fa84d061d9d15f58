// A plan for people.
import type { MemoryPlan, Plan } from '../train/plan.js'
import { count, table } from './format.js'

const parts: Record<keyof MemoryPlan, string> = {
  weights: 'weights',
  packedCopies: 'packed copies',
  gradients: 'gradients',
  moments: 'moments',
  reference: 'reference',
  kvCache: 'keys and values, while sampling',
  activations: 'activations of a micro-batch',
  peak: 'at once, without what an op needs as it runs',
}

export function planText(plan: Plan): string {
  const { recipe, device, numParameters, stages, memory } = plan
  const header = ['stage', 'steps', 'response', 'prompts × answers', 'answer tokens a step', 'updates a step', 'resets']
  const rows = stages.map((s, i) => [
    ...[`${i + 1}`, s.maxSteps === null ? 'open' : `${s.maxSteps}`, `${s.maxResponseTokens}`],
    ...[`${s.promptsPerStep} × ${s.numAnswers}`, `≤ ${count(s.maxAnswerTokensPerStep)}`, `${s.updatesPerStep}`],
    s.reset.join(', ') || '–',
  ])
  const bytes = Object.entries(parts).map(([key, name]) => [name, gigabytes(memory[key as keyof MemoryPlan])])
  return [
    `${recipe}: ${count(numParameters)} parameters on ${device}; a plan, nothing is run`,
    '',
    table(header, rows),
    '',
    table(['memory, float32', 'GB'], bytes),
  ].join('\n')
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(bytes < 1e7 ? 4 : 2)
