// npm run check:install [-- --tarball FILE --node SPEC]: packs, or takes that file; installs into an empty folder from npm's cache
// alone, with no compiler, build tool or network; and trains two steps of the quickstart from a compiled TypeScript program, by
// import and by require, on each Node version that npm has, or on those named. Fails where a compiler was called, where the package
// holds what it should not, or where two runs differ in a bit.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { nodeOf, specs } from './check-install/node-versions.mjs'
import { faultsOf, install, pack, warmCache } from './check-install/package.mjs'
import { registry, Sandbox } from './check-install/sandbox.mjs'
import { output, sideBySide } from './check-install/spawn.mjs'
import { root } from './stamp.mjs'

const { tarball: given, node: nodeSpecs } = parseArgs({
  options: { tarball: { type: 'string' }, node: { type: 'string', multiple: true, default: specs } },
}).values
const modules = ['import', 'require']
const addon = 'node_modules/lengthen/prebuilds/linux-x64/lengthen.glibc.node'
const started = performance.now()
const kept = path.join(root, 'build/check-install')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-install-'))
const application = inFolder('application')
const pairs = path.join(application, 'pairs.jsonl')
const recipe = path.join(application, 'node_modules/lengthen/recipes/quickstart.yaml')

try {
  if (`${process.platform}-${process.arch}` !== 'linux-x64') throw new Error('the prebuilt addon is for linux-x64')
  await check()
} catch (error) {
  console.error(`check:install failed: ${error.message}`)
  process.exitCode = 1
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}

async function check() {
  const tarball = given === undefined ? await packed() : path.resolve(given)
  const [cache, ...nodes] = await gather(tarball)
  const sandbox = new Sandbox(inFolder('sandbox'))
  await sandbox.prove()
  await install(sandbox, { tarball, cache, application, registry: await registry(root) })
  say(`installed with --offline and no build tool${sandbox.hasNetwork ? '' : ', with no network'}`)
  await compile()
  say('compiled against the package, strictly, as an ES module and as CommonJS')
  const runs = await sideBySide(nodes.flatMap((node) => modules.map((module) => () => train(sandbox, node, module))))
  fs.writeFileSync(pairs, JSON.stringify({ pred: '\\boxed{1/2}', gold: '0.5', expected: true }))
  await sideBySide(nodes.map((node) => () => tryCommandLine(sandbox, node)))
  say(
    'npx lengthen --version, and doctor --json: the prebuilt addon; lengthen grade: its worker processes; lengthen train: a recipe of its own',
  )
  verdict(runs, sandbox.called())
}

async function packed() {
  const { tarball, bytes } = await pack(inFolder('package'))
  say(`packed ${path.basename(tarball)}: ${(bytes / 1e6).toFixed(2)} MB`)
  return tarball
}

/** What is got from the registry, once: npm's cache, and the Node versions. */
function gather(tarball) {
  const nodes = inFolder('nodes', kept)
  const caches = inFolder('caches', kept)
  const warm = () => warmCache(tarball, inFolder('warm'), caches)
  return sideBySide([warm, ...nodeSpecs.map((spec) => () => nodeOf(spec, nodes))])
}

async function compile() {
  const compilerOptions = {
    ...{ strict: true, target: 'ES2022', module: 'NodeNext', skipLibCheck: false, types: ['node'] },
    typeRoots: [path.join(root, 'node_modules/@types')],
  }
  for (const module of modules) {
    const type = module === 'import' ? 'module' : 'commonjs'
    fs.writeFileSync(path.join(inFolder(module, application), 'package.json'), JSON.stringify({ type }))
    fs.copyFileSync(path.join(root, 'scripts/check-install/program.ts'), path.join(application, module, 'program.ts'))
  }
  fs.writeFileSync(
    path.join(application, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['*/program.ts'] }),
  )
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  await output(process.execPath, [tsc, '-p', application], { cwd: application })
  const isRequired = /require\("lengthen"\)/.test(fs.readFileSync(path.join(application, 'require/program.js'), 'utf8'))
  if (!isRequired) throw new Error('the program for CommonJS does not call require')
}

async function train(sandbox, node, module) {
  const version = await output(node, ['--version'], { cwd: application })
  const out = path.join(folder, 'runs', `${path.basename(path.dirname(node))}-${module}`)
  const place = `Node ${version.trim()} by ${module}`
  const { seconds, ...ended } = await sandbox.run('node', [`${module}/program.js`, recipe, out], {
    cwd: application,
    node,
  })
  if (ended.status !== 0) throw new Error(`${place} ended with ${ended.status}:\n${ended.stdout}${ended.stderr}`)
  if (ended.stderr !== '') throw new Error(`${place} is not quiet:\n${ended.stderr}`)
  return { place, seconds, ...JSON.parse(ended.stdout) }
}

async function tryCommandLine(sandbox, node) {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
  const say = async (command, ...args) => {
    const { status, stdout, stderr } = await sandbox.run(command, args, { cwd: application, node })
    if (status === 0) return stdout.trim()
    throw new Error(`${command} ${args.join(' ')} ended with ${status} with ${node}:\n${stdout}${stderr}`)
  }
  const expected = { version, addon: fs.realpathSync(path.join(application, addon)) }
  const said = await say('npx', '--offline', 'lengthen', '--version')
  const { engine } = JSON.parse(await say('node_modules/.bin/lengthen', 'doctor', '--json', '--no-measure'))
  const graded = await say('node_modules/.bin/lengthen', 'grade', pairs)
  const out = path.join(folder, 'runs', `${path.basename(path.dirname(node))}-tiny`)
  const trained = await say(
    'npx',
    '--offline',
    'lengthen',
    'train',
    'recipes/dapo.yaml',
    '--tiny',
    '--json',
    '--out',
    out,
  )
  if (!/"type":"summary"/.test(trained))
    throw new Error(`expected a summary of the recipe dapo with ${node}, got ${trained}`)
  if (!/as expected +1 of 1/.test(graded)) throw new Error(`expected 1 of 1 graded right with ${node}, got ${graded}`)
  if (said !== expected.version) throw new Error(`expected ${version} for --version with ${node}, got ${said}`)
  if (engine.addon.file !== expected.addon)
    throw new Error(`expected ${expected.addon} for doctor's addon with ${node}, got ${engine.addon.file}`)
}

function verdict(runs, called) {
  const width = Math.max(...runs.map(({ place }) => place.length))
  say(`${''.padEnd(width)}  weights           metrics           s`)
  for (const { place, weights, metrics, seconds } of runs)
    say(`${place.padEnd(width)}  ${weights}  ${metrics}  ${seconds.toFixed(1)}`)
  const faults = [
    ...faultsOf(application),
    ...called.map((call) => `a build tool was called: ${call}`),
    ...runs.filter(({ numSteps }) => numSteps !== 2).map(({ place }) => `${place}: not two steps`),
    ...runs.filter(({ hasLearned }) => !hasLearned).map(({ place }) => `${place}: a step without a gradient`),
    ...['weights', 'metrics']
      .filter((name) => new Set(runs.map((run) => run[name])).size > 1)
      .map((name) => `${name} differ`),
  ]
  if (faults.length > 0) throw new Error(faults.join('\n'))
  say(`installed and trained with no compiler, the same bits ${runs.length} times`)
}

/** @param {string} name @param {string} [parent] */
function inFolder(name, parent = folder) {
  const made = path.join(parent, name)
  fs.mkdirSync(made, { recursive: true })
  return made
}

/** @param {string} text */
function say(text) {
  console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(3)} s  ${text}`)
}
