// What to type to mend what is missing. Pure.
import { cudaPackage } from '../../native-file.js'
import type { Installation, PackageManager } from './installation.js'
import type { Tools } from './tools.js'

const adds: Record<PackageManager, string> = {
  npm: 'npm install',
  pnpm: 'pnpm add',
  yarn: 'yarn add',
  bun: 'bun add',
}

const removes: Record<PackageManager, string> = {
  npm: 'npm uninstall',
  pnpm: 'pnpm remove',
  yarn: 'yarn remove',
  bun: 'bun remove',
}

/** Of this version. */
export function addCudaPackage({ version, kind, isGlobal, packageManager }: Installation): string {
  const flag = kind === 'clone' ? ' --no-save' : isGlobal ? ' --global' : ''
  return `${adds[packageManager]}${flag} ${cudaPackage}@${version}`
}

/** A damaged package is not noticed by an install over it. */
export function installAgain({ version, isGlobal, packageManager }: Installation): string {
  const flag = isGlobal ? ' --global' : ''
  return `${removes[packageManager]}${flag} lengthen && ${adds[packageManager]}${flag} lengthen@${version}`
}

export const buildClone = ({ installBuildTools }: Tools): string =>
  [installBuildTools, 'npm run build'].filter((part) => part !== null).join(' && ')

/** Where no prebuilt addon runs. */
export function buildFromSources({ repository }: Installation, { installBuildTools }: Tools): string {
  const clone = repository === null ? [] : [`git clone ${repository} lengthen-sources`]
  const folder = repository === null ? 'FOLDER_OF_A_CLONE' : './lengthen-sources'
  const build = [`(cd ${folder} && npm ci)`, `npm install ${folder}`]
  return [...(installBuildTools === null ? [] : [installBuildTools]), ...clone, ...build].join(' && ')
}

export function newerNode({ nodeManager, isRoot }: Tools): string {
  switch (nodeManager) {
    case 'nvm':
      return 'nvm install --lts'
    case 'fnm':
      return 'fnm install --lts'
    case 'volta':
      return 'volta install node@lts'
    case 'brew':
      return 'brew upgrade node'
    case null: {
      const sudo = isRoot ? '' : 'sudo '
      return `${sudo}npm install --global n && ${sudo}n lts`
    }
  }
}

/** The command; undefined where a distribution has a way of its own that is not known here. */
export function nvidiaDriver({ system, isRoot }: Tools, isContainer: boolean): string | undefined {
  if (isContainer) return 'docker run --gpus all IMAGE' // the host has the driver, its containers are given it
  const sudo = isRoot ? '' : 'sudo '
  if (system === 'ubuntu') return `${sudo}ubuntu-drivers install`
  if (system === 'debian') return `${sudo}apt-get install -y nvidia-driver firmware-misc-nonfree`
  if (system === 'arch') return `${sudo}pacman -S --needed nvidia`
  return undefined
}

const ownVenv = '~/.local/share/lengthen/cublas'

/** The pip package, where Python is; in an environment of its own where none is active, as systems refuse others. */
export function cublas({ hasPython, isInVirtualEnv }: Tools): string | undefined {
  if (isInVirtualEnv) return 'pip install nvidia-cublas'
  if (!hasPython) return undefined
  const set = `export LENGTHEN_CUBLAS="$(echo ${ownVenv}/lib/python3*/site-packages/nvidia/cu13/lib)"`
  return `python3 -m venv ${ownVenv} && ${ownVenv}/bin/pip install nvidia-cublas && ${set}`
}

export const unset = (name: string): string => `unset ${name}`
