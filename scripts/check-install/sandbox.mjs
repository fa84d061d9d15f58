// An environment in which nothing can be compiled and, where the kernel lets us, nothing downloaded: every build tool on the PATH
// writes its name down and fails, the network is away, and no variable or configuration of the caller's comes in.
import fs from 'node:fs'
import path from 'node:path'
import { hasCommand } from '../setup/probe.mjs'
import { output, start } from './spawn.mjs'

const compilers = ['cc', 'c++', 'gcc', 'g++', 'cpp', 'clang', 'clang++', 'nvcc', 'rustc', 'cargo', 'go']
const buildTools = [
  'make',
  'gmake',
  'cmake',
  'ctest',
  'ninja',
  'ar',
  'as',
  'ld',
  'ld.gold',
  'ld.lld',
  'strip',
  'pkg-config',
]
const others = ['node-gyp', 'cmake-js', 'prebuildify', 'prebuild-install', 'python', 'python3', 'git', 'curl', 'wget']
const stubNames = [...compilers, ...buildTools, ...others]

export class Sandbox {
  #folder
  #record
  /** @type {string[]} before the command, to be without a network */
  #without = []

  /** @param {string} folder an empty one */
  constructor(folder) {
    this.#folder = folder
    this.#record = path.join(folder, 'called')
    for (const name of ['stubs', 'home']) fs.mkdirSync(path.join(folder, name), { recursive: true })
    const stub = (name) => `#!/bin/sh\necho "${name} $*" >> '${this.#record}'\nexit 1\n`
    for (const name of stubNames) fs.writeFileSync(path.join(folder, 'stubs', name), stub(name), { mode: 0o755 })
  }

  /** Cuts the network where that can be done, and makes sure that a call of a compiler is seen. */
  async prove() {
    const without = hasCommand('unshare') ? [whereIs('unshare'), '-rn'] : []
    const { status } = await start('/usr/bin/env', [...without, 'true'], { cwd: this.#folder })
    if (status === 0) this.#without = without
    const tried = await this.run('c++', ['--version'], { cwd: this.#folder, node: process.execPath })
    if (tried.status === 0 || this.called().join() !== 'c++ --version') throw new Error('a call of c++ was not seen')
    fs.rmSync(this.#record)
  }

  get hasNetwork() {
    return this.#without.length === 0
  }

  /** @returns {string[]} build tools that were called, with their arguments */
  called() {
    return fs.existsSync(this.#record) ? fs.readFileSync(this.#record, 'utf8').trim().split('\n') : []
  }

  /**
   * @param {string} command node, npm, npx, or a file
   * @param {readonly string[]} args
   * @param {{ cwd: string, node: string, env?: Record<string, string> }} where node: the one on the PATH
   */
  run(command, args, { cwd, node, env = {} }) {
    const [program, ...rest] = [...this.#without, '/usr/bin/env', command, ...args]
    return start(program, rest, { cwd, env: { ...this.#env(node), ...env } })
  }

  /** @param {string} node */
  #env(node) {
    const stubs = path.join(this.#folder, 'stubs')
    const compiler = { CC: path.join(stubs, 'cc'), CXX: path.join(stubs, 'c++') }
    const gyp = { npm_config_node_gyp: path.join(stubs, 'node-gyp') }
    const PATH = [stubs, this.#tools(node)].join(path.delimiter)
    return { PATH, HOME: path.join(this.#folder, 'home'), LANG: 'C.UTF-8', ...compiler, ...gyp }
  }

  // Node, what is always with it, and the shell that npm calls; not /usr/bin, where real compilers are.
  /** @param {string} node */
  #tools(node) {
    const folder = path.join(this.#folder, `tools-${path.basename(path.dirname(node))}`)
    if (fs.existsSync(folder)) return folder
    fs.mkdirSync(folder)
    for (const name of ['npm', 'npx', 'sh', 'env', 'uname'])
      if (hasCommand(name)) fs.symlinkSync(fs.realpathSync(whereIs(name)), path.join(folder, name))
    fs.symlinkSync(node, path.join(folder, 'node'))
    return folder
  }
}

/** @param {string} name of a command there is */
function whereIs(name) {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file)) ?? name
}

/** The registry that the caller's npm would ask. */
export const registry = async (cwd) => (await output('npm', ['config', 'get', 'registry'], { cwd })).trim()
