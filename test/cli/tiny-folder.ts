// A folder with a model of a few thousand random weights on the digit recurrence, a data set for it, and a recipe.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digitRecurrenceTokenizer } from '../../lib/data/synthetic/digit-recurrence.js'
import { saveModel } from '../../lib/models/save.js'
import { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../../lib/tokenizer/word-level.js'
import { digitModel, digitProblems } from '../train/tiny-run.js'

/** One step on the folder's model and problems. */
const recipe = `name: run
model: { path: model }
data: { train: problems.jsonl, heldOut: problems.jsonl }
rollout: { promptsPerStep: 6, numAnswers: 8, maxPromptTokens: 16 }
schedule: { stages: [{ maxResponseTokens: 64, until: { steps: 1 } }] }
evaluation: { numProblems: 6, samplesPerProblem: 2 }
`

/** `model` in the folder; `problems.jsonl` beside it holds 6 problems, `run.yaml` trains the one on the other. */
export async function writeTinyFolder(folder: string, { maxPositions = 128 } = {}): Promise<void> {
  await writeWordLevelTokenizer(join(folder, 'tokenizer'), digitRecurrenceTokenizer())
  const tokenizer = await Tokenizer.load(join(folder, 'tokenizer'))
  using model = digitModel(tokenizer, { maxPositions })
  await saveModel(join(folder, 'model'), { model, tokenizer })
  const lines = digitProblems.heldOutRows(6).map((row) => JSON.stringify(row))
  await writeFile(join(folder, 'run.yaml'), recipe)
  await writeFile(join(folder, 'problems.jsonl'), `${lines.join('\n')}\n`)
}
