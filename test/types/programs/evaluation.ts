import {
  compareResults,
  type EvaluateOptions,
  type EvaluationSummary,
  evaluate,
  evaluateEach,
  type GradedAnswer,
  mathReward,
  passAtK,
  type RolloutEngine,
  type Row,
  readData,
  readRows,
  summarize,
  type Tokenizer,
} from '../../../lib/index.js'
import { some, typed } from './typed.js'

const parts = { engine: some<RolloutEngine>(), tokenizer: some<Tokenizer>() }
const options: EvaluateOptions = {
  rows: await readRows('problems.jsonl'),
  reward: mathReward(),
  ...{ samplesPerProblem: 4, maxResponseTokens: 100, temperature: 0.6, seed: 1 },
}
const answers = await evaluate(parts, options)
typed(answers).is<GradedAnswer[][]>()
for (const group of answers) for (const { isCorrect } of group) typed(isCorrect).is<boolean>()
typed(summarize(answers)).is<EvaluationSummary>()
typed(passAtK({ numSamples: 8, numCorrect: 2 }, 4)).is<number>()
for await (const each of evaluateEach(parts, options)) typed(each).is<{ row: Row; answers: GradedAnswer[] }>()

const { reward: _, ...unrewarded } = options
// @ts-expect-error no reward
evaluate(parts, unrewarded)
// @ts-expect-error a model alone does not answer: an engine does
evaluate({ tokenizer: parts.tokenizer }, options)
// @ts-expect-error seeds are numbers
evaluate(parts, { ...options, seed: 'a' })
// @ts-expect-error two results are compared, not one
compareResults(answers)
void readData
