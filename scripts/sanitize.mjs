// npm run sanitize: the C++ tests, a small training run, and worker threads that end in the middle of their work, under
// AddressSanitizer and UndefinedBehaviorSanitizer. npm run sanitize:thread: the same under ThreadSanitizer. By g++; the
// first report fails it.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from './stamp.mjs'

const suppressions = (name) => `suppressions=${path.join(root, 'scripts/sanitize', name)}`
const kinds = {
  address: {
    folder: 'build-asan',
    checks: 'address,undefined',
    mark: '__asan_init',
    libraries: ['libasan.so', 'libstdc++.so.6'],
    options: {
      // Else a thread-local block 16 bytes into a page is taken for one of glibc 2.19: its size is read from what is
      // AddressSanitizer's own header, and the leak check crashes ("Tracer caught signal 11"). leak.mjs shows that it
      // crashes so without, and that what is held by thread-local variables is found with it all the same.
      ASAN_OPTIONS: 'intercept_tls_get_addr=0',
      UBSAN_OPTIONS: 'print_stacktrace=1',
      LSAN_OPTIONS: `${suppressions('leaks.supp')}:print_suppressions=0`,
    },
  },
  thread: {
    folder: 'build-tsan',
    checks: 'thread',
    mark: '__tsan_init',
    libraries: ['libtsan.so'],
    // Node is not built with ThreadSanitizer: how its own threads wait for each other is only half seen.
    options: { TSAN_OPTIONS: 'halt_on_error=1:ignore_noninstrumented_modules=1' },
  },
}
const { folder, checks, mark, libraries, options } = kinds[process.argv.includes('--thread') ? 'thread' : 'address']

// The quickstart's whole path with little of each part. An untrained model's answers are all wrong and give no
// advantage: the entropy bonus and the divergence from a reference give it something to learn.
const smallRun = {
  'distill.maxSteps': 8,
  'distill.warmupSteps': 2,
  'distill.cooldownSteps': 2,
  'distill.until.overSteps': 2,
  'distill.curriculum.overSteps': 2,
  'rollout.promptsPerStep': 4,
  'rollout.numAnswers': 4,
  'objective.entropyWeight': 0.01,
  'objective.klWeight': 0.01,
  'schedule.stages': '[{maxResponseTokens: 16, until: {steps: 1}}, {maxResponseTokens: 40, until: {steps: 1}}]',
  'evaluation.numProblems': 4,
}

const tests = build('build/lengthen_cpp_test', '--tests')
part('C++ tests', tests, [], options)
build('build/Release/lengthen.node')
part('TypeScript', process.execPath, ['scripts/build-typescript.mjs'])
part(
  'small run',
  process.execPath,
  ['dist/cli/main.js', 'train', 'recipes/quickstart.yaml', ...runOptions()],
  addonEnv(),
)
threadsPart('workers terminated', ['terminate.mjs', '2', '300'])
threadsPart('a worker fails', ['end.mjs', 'failingReward', 'worker', 'nothing'])
// Node itself leaves all of its memory to the system then.
threadsPart('exit in a step', ['end.mjs', 'training', 'worker', 'exit'], { ASAN_OPTIONS: 'detect_leaks=0' }, 7)
if (checks.includes('address')) proveThatLeaksAreFound()

/** @param {string} output @param {string[]} what @returns {string} the file */
function build(output, ...what) {
  const cmake = ['-O', `${folder}/build`, '--CDLENGTHEN_CUDA=OFF', `--CDLENGTHEN_SANITIZE=${checks}`]
  part(`build ${what.join(' ') || 'addon'}`, process.execPath, ['scripts/build-native.mjs', ...what, ...cmake], {
    CXX: 'g++',
  })
  const file = path.join(root, folder, output)
  if (fs.readFileSync(file).includes(mark)) return file
  // CMake forgets its options when the compiler changes: all would pass, unchecked.
  console.error(`${checks}: ${file} is built without: delete ${folder} and try again`)
  process.exit(1)
}

function runOptions() {
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-sanitize-'))
  process.on('exit', () => fs.rmSync(out, { recursive: true }))
  return [
    '--out',
    path.join(out, 'run'),
    ...Object.entries(smallRun).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
  ]
}

// The sanitizer must be there before Node, which has none of its own, and before the libraries it watches.
function addonEnv() {
  return { ...options, LENGTHEN_PREBUILD: path.join(root, folder), LD_PRELOAD: libraries.map(libraryFile).join(' ') }
}

/** @param {string} name */
function libraryFile(name) {
  return spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim()
}

/** @param {string} title @param {string[]} args @param {Record<string, string>} env @param {number} expected */
function threadsPart(title, [program, ...args], env = {}, expected = 0) {
  part(title, process.execPath, [`test/threads/programs/${program}`, ...args], { ...addonEnv(), ...env }, expected)
}

// A leak check that finds nothing because it looks at nothing would pass too.
function proveThatLeaksAreFound() {
  const addon = path.join(root, folder, 'leak.node')
  const compile = ['-std=c++20', '-shared', '-fPIC', `-fsanitize=${checks}`, '-g1', '-o', addon]
  part('leaking addon', 'g++', [...compile, path.join(root, 'scripts/sanitize/leak.cpp')])
  const { stderr } = spawnSync(process.execPath, ['scripts/sanitize/leak.mjs', addon], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...addonEnv() },
  })
  const isRight = stderr.includes('in lose_a_block') && stderr.includes(': 1000 byte(s) leaked in 1 allocation(s)')
  if (isRight)
    return console.log(`${checks}: a leak on purpose was found; what a living thread holds was not taken for one`)
  console.error(`${stderr}${checks}: expected one leak of 1000 bytes, in lose_a_block`)
  process.exit(1)
}

/** @param {string} title @param {string} command @param {string[]} args @param {Record<string, string>} env @param {number} expected */
function part(title, command, args, env = {}, expected = 0) {
  const started = performance.now()
  const { status, signal } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  if (status !== expected) {
    console.error(`${checks}: ${title} failed (${signal ?? `status ${status}`})`)
    process.exit(1)
  }
  console.log(`${checks}: ${title}: ${((performance.now() - started) / 1000).toFixed(0)} s`)
}
