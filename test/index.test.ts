// Training as a script does it: by the public interface alone.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  AdamW,
  contextSchedule,
  createModel,
  evaluate,
  GrpoTrainer,
  type LearningRateSchedule,
  loadModel,
  type Plan,
  parseRecipe,
  planOf,
  type Reward,
  RolloutEngine,
  type Row,
  RunDirectory,
  type ScheduleState,
  type StageSettings,
  saveModel,
  summarize,
  Tokenizer,
  writeWordLevelTokenizer,
} from '../lib/index.js'
import { temporaryFolder } from './helpers/temporary-folder.js'

const shape = {
  ...{ vocabularySize: 8, width: 32, feedForwardWidth: 48, numLayers: 1, numHeads: 2, numKvHeads: 1, headSize: 16 },
  ...{ maxPositions: 32, normEpsilon: 1e-6, ropeTheta: 10_000, isHeadTied: true, initializerRange: 0.1 },
}
const rows: Row[] = ['1', '2', '3'].map((problem) => ({ id: problem, problem }))
/** Full marks for answers of nothing but ones. */
const ones: Reward = ({ text }) => (text.match(/1/g)?.length ?? 0) / (text.length - '<end>'.length || 1)

test('a script trains a model, evaluates it, saves it and loads it again', async () => {
  const folder = temporaryFolder()
  await writeWordLevelTokenizer(join(folder, 'tokenizer'), {
    ...{ tokens: ['1', '2', '3', '4', '5', '6'], eosToken: '<end>', padToken: '<pad>' },
    chatTemplate: '{% for message in messages %}{{ message.content }}{% endfor %}',
  })
  const tokenizer = await Tokenizer.load(join(folder, 'tokenizer'))
  using model = createModel(shape, { seed: 1 })
  using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
  const out = await RunDirectory.create(join(folder, 'run'))
  const trainer = new GrpoTrainer({
    ...{ model, tokenizer, optimizer, out, data: rows, reward: ones, promptsPerStep: 3, numAnswers: 16 },
    schedule: contextSchedule([
      { maxResponseTokens: 6, until: { steps: 10 } },
      { maxResponseTokens: 10, until: { steps: 15 } },
    ]),
  })
  const rewards: number[] = []
  for await (const { reward } of trainer.run()) rewards.push(reward)
  await out.close()
  expect(rewards).toHaveLength(25)
  expect(rewards.at(-1)).toBeGreaterThan(3 * (rewards[0] as number))

  await saveModel(join(folder, 'model'), { model, tokenizer })
  const loaded = await loadModel(join(folder, 'model'))
  using again = loaded.model
  const options = { rows, reward: ones, samplesPerProblem: 20, maxResponseTokens: 10, temperature: 1, seed: 5 }
  const [ours, theirs] = await Promise.all(
    [model, again].map((each) => evaluate({ engine: new RolloutEngine(each, tokenizer), tokenizer }, options)),
  )
  expect(theirs).toEqual(ours)
  expect(summarize(ours ?? []).numSamples).toBe(60)
})

test('a script names the schedule’s parts, keeps its state, and plans a recipe', () => {
  const learningRateSchedule: LearningRateSchedule = { warmupSteps: 2 }
  const settings: StageSettings = { temperature: 0.6, learningRateSchedule }
  const schedule = contextSchedule([{ maxResponseTokens: 6, ...settings, until: { steps: 1 } }])
  const state: ScheduleState = schedule.initialState
  expect(schedule.next(JSON.parse(JSON.stringify(state)), { truncatedShare: 0, meanTokens: 1, reward: 0 }).why).toMatch(
    /1/,
  )
  const text = 'name: a\nmodel: { path: m }\ndata: { train: a, heldOut: b }\nrollout: { promptsPerStep: 4 }\n'
  const plan: Plan = planOf(parseRecipe(`${text}schedule: { stages: [{ maxResponseTokens: 6 }] }`, 'a.yaml'), shape)
  expect(plan.stages).toMatchObject([{ maxResponseTokens: 6, until: null }])
})
