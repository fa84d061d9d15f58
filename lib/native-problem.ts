// Why the addon does not load on a machine, and what to do about it.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Platform, thisPlatform } from './native-file.js'

const prebuiltFor = 'linux-x64 with glibc 2.34 or newer'
const buildElsewhere =
  'In a clone of the sources npm ci builds it (plain kernels off x86-64; not tried by us), and npm install FOLDER_OF_THE_CLONE takes it from there'

/** Ends what the loader alone can explain: the doctor reads the file itself, and loads it in a process of its own. */
export const doctorSaysMore = '; npx lengthen doctor says more'

/** Why the addon did not load and what to do about it, from what the loader said. */
export function loadProblem(said: string, packageFolder: string, platform: Platform = thisPlatform()): string {
  const { name, libc, glibcVersion } = platform
  const here = libc === undefined ? name : `${name} with ${libc}${glibcVersion ? ` ${glibcVersion}` : ''}`
  const folder = /loaded from: (.*)/.exec(said)?.[1] ?? packageFolder // LENGTHEN_PREBUILD names another
  const why = said.trim().replaceAll(/\s*\n\s*/g, ', ')
  if (/GLIBC_[\d.]+'? not found/.test(why))
    return `[addon] prebuilt for ${prebuiltFor}, and this is ${here} (${why}). ${buildElsewhere}`
  if (!/^No native build/.test(why)) return `[addon] does not load on ${here}: ${why}${doctorSaysMore}`
  if (existsSync(path.join(packageFolder, 'CMakeLists.txt')))
    return `[addon] not built for ${here} in ${folder}: npm run build builds it`
  if (name === 'linux-x64' && libc === 'glibc')
    return `[addon] nothing for ${here} in ${folder}: install lengthen again`
  return `[addon] prebuilt for ${prebuiltFor}, and this is ${here}. ${buildElsewhere}`
}
