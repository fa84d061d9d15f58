// A supervised run in its directory, gone on with.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SftEvent } from '../../../lib/train/sft/events.js'
import { loadSftRecipe } from '../../../lib/train/sft/recipe/load.js'
import { resumeSft, runSft, type SftResumeOptions } from '../../../lib/train/sft/run.js'
import { writeTinyFolder } from '../../cli/tiny-folder.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { digitProblems } from '../tiny-run.js'

const recipe = `name: tiny
model: { path: model }
data: { train: chats.jsonl, answers: verbatim }
training: { maxSteps: 2, batch: { examples: 4 } }
`

async function warningsIn(events: AsyncIterable<SftEvent>): Promise<string[]> {
  const warnings: string[] = []
  for await (const event of events) if (event.type === 'resumed') warnings.push(...event.warnings)
  return warnings
}

test('a recipe that was edited in the directory is refused, unless it may have changed', async () => {
  const folder = temporaryFolder()
  const at = (...names: string[]) => join(folder, ...names)
  await writeTinyFolder(folder)
  const rows = digitProblems.workedRows(0, 8, { maxSteps: 3 })
  writeFileSync(at('chats.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  writeFileSync(at('sft.yaml'), recipe)
  await warningsIn(runSft(await loadSftRecipe(at('sft.yaml')), { out: at('run') }))
  const kept = readFileSync(at('run/recipe.yaml'), 'utf8')
  const warningsOf = async (text: string, options: SftResumeOptions = {}) => {
    writeFileSync(at('run/recipe.yaml'), text)
    return warningsIn(resumeSft(at('run'), options))
  }
  expect(await warningsOf(kept)).toEqual([])
  const edited = kept.replace('examples: 4', 'examples: 8')
  await expect(warningsOf(edited)).rejects.toThrow(/step 2 was made with.*training\.batch\.examples was 4 and is 8/)
  expect(await warningsOf(edited, { mayChange: true })).toEqual([expect.stringMatching(/examples was 4 and is 8$/)])
})
