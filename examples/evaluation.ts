// Two models on the same problems: pass@1 with its 95% interval, pass@k, majority votes, and how the two compare when they are paired by
// problem, which says more than two error bars side by side.
// Run: node evaluation.ts
//
//   60 steps: pass@1 26.1% ± 5.4%, in [15.8%, 36.8%]
//     pass@4 48.4%, pass@8 58.8%, majority@8 33.8%
//   240 steps: pass@1 43.4% ± 8.0%, in [28.3%, 58.5%]
//     pass@4 49.4%, pass@8 50.0%, majority@8 47.1%
//   difference on 34 problems: 17.3%, in [6.6%, 28.7%], p = 0.0058
import {
  compareResults,
  createModel,
  distill,
  localModel,
  mathGrader,
  measure,
  type Protocol,
  RandomStream,
  ResultMemory,
  RolloutEngine,
  type Row,
  runEvaluation,
  setHash,
  Tokenizer,
} from 'lengthen'

const tokenizer = Tokenizer.wordLevel({
  tokens: [...'0123456789', '+', '=', '\\boxed{', '}'],
  eosToken: '<end>',
  padToken: '<pad>',
  chatTemplate: '{{ messages[0].content }}',
})
const rows = Array.from({ length: 100 }, (_, i): Row => {
  const number = String(i).padStart(2, '0')
  return { id: number, problem: `${number}+1=`, answer: `${i + 1}` }
})
const heldOut = rows.filter((_, i) => i % 3 === 0)
const shown = rows.filter((row) => !heldOut.includes(row))

/** A model that was taught for so many steps. */
async function taughtModel(maxSteps: number) {
  const sizes = { width: 32, feedForwardWidth: 64, numLayers: 2, numHeads: 2, maxPositions: 32 }
  const model = createModel({ ...sizes, vocabularySize: tokenizer.vocabSize, initializerRange: 0.1 }, { seed: 1 })
  const random = new RandomStream(1, 'examples')
  const example = () => {
    const row = shown[random.below(shown.length)] as Row
    const solutionTokens = tokenizer.encode(`\\boxed{${row.answer}}<end>`)
    return { promptTokens: tokenizer.encode(row.problem), solutionTokens }
  }
  const phase = distill(model, async (_, count) => Array.from({ length: count }, example), {
    ...{ maxSteps, batchSize: 32, learningRate: 5e-3, warmupSteps: 10 },
  })
  for await (const _ of phase);
  return model
}

const protocol: Protocol = {
  ...{ samplesPerProblem: 8, maxResponseTokens: 8, temperature: 1, topK: 0, topP: 1, seed: 1 },
  ...{ turn: '{problem}', needsThinkingClosed: false, mode: 'exact' },
}
const sets = [{ name: 'successors', rows: heldOut }]

/** Every problem answered eight times and graded. A ResultStore in the place of the ResultMemory keeps them in a folder. */
async function resultsOf(name: string, maxSteps: number) {
  const model = await taughtModel(maxSteps)
  const about = sets.map(({ name, rows }) => ({ name, numProblems: rows.length, sha256: setHash(rows) }))
  const results = new ResultMemory({ type: 'evaluation', version: 1, model: { name }, protocol, sets: about })
  const engine = new RolloutEngine(model, tokenizer)
  const evaluation = { model: localModel({ engine, tokenizer }), sets, protocol, grader: mathGrader(protocol), results }
  for await (const _ of runEvaluation(evaluation)); // one problem after another, as they are answered
  model.dispose()
  return results.results
}

const percent = (share = Number.NaN): string => `${(100 * share).toFixed(1)}%`
const range = (interval: readonly number[] | null) => `[${(interval ?? []).map((share) => percent(share)).join(', ')}]`

async function tested(name: string, maxSteps: number) {
  const results = await resultsOf(name, maxSteps)
  const { passAt1, standardError, interval, passAtK, majorityAtK } = measure(results, { seed: 1 })
  console.log(`${name}: pass@1 ${percent(passAt1)} ± ${percent(standardError ?? Number.NaN)}, in ${range(interval)}`)
  console.log(`  pass@4 ${percent(passAtK[3])}, pass@8 ${percent(passAtK[7])}, majority@8 ${percent(majorityAtK[7])}`)
  return results
}

const [first, second] = [await tested('60 steps', 60), await tested('240 steps', 240)]
const { difference, interval, pValue, numProblems } = compareResults(first, second, { seed: 1 }).all
console.log(
  `difference on ${numProblems} problems: ${percent(difference)}, in ${range(interval)}, p = ${pValue.toFixed(4)}`,
)
