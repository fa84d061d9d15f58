// Installs the missing build tools on a Debian system, as root; asks first when a person is at the terminal.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import readline from 'node:readline/promises'

/** @param {string} command from installCommand */
export async function installWithApt(command) {
  if (!(await isAgreed(command))) return false
  console.log(`Installing them: ${command}`)
  if (!hasPackageLists() && !run('apt-get update')) return false
  if (run(command)) return true
  console.log('That failed; once more with fresh package lists.')
  return run('apt-get update') && run(command)
}

/** @param {string} command */
async function isAgreed(command) {
  const isAttended = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI
  if (!isAttended) return true
  const terminal = readline.createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`Install them now with \`${command}\`? [Y/n] `)
  terminal.close()
  return /^(y|yes|)$/i.test(answer.trim())
}

function hasPackageLists() {
  const lists = '/var/lib/apt/lists'
  return fs.existsSync(lists) && fs.readdirSync(lists).some((name) => /_Packages(\.|$)/.test(name))
}

/** @param {string} command */
function run(command) {
  const [program, ...args] = command.split(' ')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(program, args, { env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}
