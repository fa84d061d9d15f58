// Names that come out of a downloaded file are not trusted to stay where they should.
import { realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { FileFormatError } from '../errors.js'

/** The path of `name` in `folder`; an error where the name or a link behind it leaves the folder. `source` is the file that names it. */
export async function resolveInside(folder: string, name: string, source: string): Promise<string> {
  const path = join(folder, name)
  const at = { file: source, place: `file name ${JSON.stringify(name)}` }
  if (name === '' || isAbsolute(name) || leaves(relative(folder, path))) {
    throw new FileFormatError(at, 'expected a file inside the folder')
  }
  const real = await realpath(path).catch((cause: Error) => {
    throw new FileFormatError(at, 'no such file in the folder', { cause })
  })
  if (leaves(relative(await realpath(folder), real))) {
    throw new FileFormatError(at, `is a link out of the folder, to ${real}`)
  }
  return path
}

function leaves(relativePath: string): boolean {
  return relativePath === '' || relativePath === '..' || relativePath.startsWith(`..${sep}`) || isAbsolute(relativePath)
}
