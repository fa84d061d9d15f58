import { isCudaPublished } from '../../../native-file.js'
import { bytes } from '../../format.js'
import type { AddonFile } from '../addon-file.js'
import { addCudaPackage, buildClone, buildFromSources, installAgain, unset } from '../commands.js'
import type { Examination } from '../examination.js'
import { compareVersions } from '../versions.js'
import { note, ok, problem, type Verdict } from './finding.js'
import { isPrebuilt } from './machine.js'

export function addon(examination: Examination): Verdict {
  const { engine, engineProblem, tools } = examination
  if (engineProblem?.about === 'addon') return doesNotLoad(examination, engineProblem.message)
  if (engine === null) return ok('it loads')
  const { file, origin, newerSource } = engine.addon
  if (newerSource !== null) return note(`${file} is older than ${newerSource}`, buildClone(tools))
  return ok(`${file}, ${origin}`)
}

function doesNotLoad(examination: Examination, message: string): Verdict {
  const { addonFiles, machine } = examination
  if (isForbidden(message))
    return problem(`${message}; node --permission has to allow it: --allow-addons --allow-fs-read=*`)
  const faults = addonFiles.slice(0, 1).flatMap((file) => faultOf(file, machine)) // the one that is tried
  return problem([message, ...faults].join('; '), mend(examination))
}

/** By node --permission, not by the file. */
const isForbidden = (message: string): boolean =>
  /Access to this API has been restricted|loading addons is disabled/.test(message)

function faultOf({ file, ...found }: AddonFile, { platform, glibcVersion }: Examination['machine']): string[] {
  const arch = platform.split('-')[1]
  const format = platform.startsWith('darwin') ? 'Mach-O' : platform.startsWith('win32') ? 'PE' : 'ELF'
  if (found.bytes === 0) return [`${file} is empty or may not be read`]
  if (found.format !== format)
    return [
      `${file} is no addon for ${platform}, ${found.format === 'unknown' ? 'nor for any other' : `but ${found.format}`}`,
    ]
  if (found.arch !== null && found.arch !== arch) return [`${file} is for ${found.arch}, and this is ${platform}`]
  if (found.isCutShort) return [`${file} is cut short at ${bytes(found.bytes)}`]
  const { glibcNeeded } = found
  if (glibcNeeded !== null && glibcVersion !== null && compareVersions(glibcVersion, glibcNeeded) < 0)
    return [`${file} needs glibc ${glibcNeeded}, and this is ${glibcVersion}`]
  return []
}

/** What the environment asks for comes first: without it the addon may well load. */
function mend({ installation, machine, cuda, environment, tools }: Examination): string {
  const asked = (name: string) => environment.find((variable) => variable.name === name)?.value
  const wanted = asked('LENGTHEN_ADDON')
  if (wanted === 'cuda' && cuda.package === null)
    return isCudaPublished ? addCudaPackage(installation) : unset('LENGTHEN_ADDON')
  if (wanted !== undefined && wanted !== 'cpu' && wanted !== 'cuda') return unset('LENGTHEN_ADDON')
  if (asked('LENGTHEN_PREBUILD') !== undefined) return unset('LENGTHEN_PREBUILD')
  if (cuda.package !== null && wanted !== 'cpu')
    return cuda.package.version === installation.version ? 'export LENGTHEN_ADDON=cpu' : addCudaPackage(installation)
  if (machine.platform.startsWith('win32')) return 'wsl --install'
  if (installation.kind === 'clone') return buildClone(tools)
  return isPrebuilt(machine) ? installAgain(installation) : buildFromSources(installation, tools)
}
