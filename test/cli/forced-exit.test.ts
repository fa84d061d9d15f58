// A process that has to end in the midst of saving a model: work that does not listen, or a second interrupt.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const script = (out: string) => `
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RunDirectory } from ${JSON.stringify(join(root, 'build/js/index.js'))}
import { interruptible } from ${JSON.stringify(join(root, 'build/js/cli/interrupt.js'))}
const directory = await RunDirectory.create(${JSON.stringify(out)})
const save = async (folder) => {
  writeFileSync(join(folder, 'half'), 'x')
  process.stdout.write('saving')
  await new Promise((resolve) => setTimeout(resolve, 60_000))
}
await interruptible(() => directory.writeModel(save), { done: () => '; so far' })`

test.each([
  { numInterrupts: 1, fromMs: 1000, toMs: 2000 },
  { numInterrupts: 2, fromMs: 600, toMs: 1400 }, // the second after 600 ms
])('$numInterrupts interrupts of work that goes on end it, and half a model goes with it', async (given) => {
  const out = join(temporaryFolder(), 'run')
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script(out)], { cwd: root })
  let [stderr, interrupted, numSent] = ['', 0, 0]
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const interrupt = () => {
    child.kill('SIGINT')
    numSent += 1
    if (numSent < given.numInterrupts) setTimeout(interrupt, 600)
  }
  child.stdout.on('data', () => {
    interrupted = performance.now()
    interrupt()
  })
  const status = await new Promise((resolve) => child.on('close', resolve))
  const tookMs = performance.now() - interrupted
  expect([status, stderr]).toEqual([1, 'lengthen: interrupted by SIGINT; so far\n'])
  expect(tookMs).toBeGreaterThan(given.fromMs)
  expect(tookMs).toBeLessThan(given.toMs)
  expect(readdirSync(out).sort()).toEqual(['metrics.jsonl', 'samples.jsonl'])
})
