// npm test: the C++ tests, then the TypeScript tests. The last line is `N passed, N failed`, over both.
// A suite that crashes, hangs or cannot start counts as failed.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { isCurrent, root } from './stamp.mjs'
import { addCounts, doctestCounts, lastLine, vitestCounts } from './test/counts.mjs'

const timeoutMs = 10 * 60_000

const counts = addCounts([await runCppTests(), await runTypeScriptTests()])
console.log(lastLine(counts))
process.exitCode = counts.failed > 0 ? 1 : 0

async function runCppTests() {
  if (!isCurrent('cppTests')) {
    console.error(
      'The C++ tests are not built. To build them, and to see what that needs: node scripts/setup.mjs --tests',
    )
    return { passed: 0, failed: 1 }
  }
  return doctestCounts(await run(path.join(root, 'build/lengthen_cpp_test'), ['--no-colors=true']))
}

async function runTypeScriptTests() {
  const report = path.join(root, 'build/vitest.json')
  fs.rmSync(report, { force: true })
  const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = await run(process.execPath, [vitest, 'run', ...reporters])
  const names = fs.readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => path.join(root, 'test', name))
  const read = () => JSON.parse(fs.readFileSync(report, 'utf8'))
  return vitestCounts({ status, files, report: fs.existsSync(report) ? read() : undefined })
}

/** Shows what the program prints, and keeps it. */
function run(program, args) {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], timeout: timeoutMs })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
    process.stdout.write(chunk)
  })
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`)
      resolve({ status: null, text })
    })
    child.on('close', (status, signal) => {
      if (signal) console.error(`${path.basename(program)} was ended by ${signal}`)
      resolve({ status, text })
    })
  })
}
