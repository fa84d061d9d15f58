// Names that come out of a downloaded file are not trusted to stay where they should.
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { FileFormatError } from '../errors.js'

/**
 * The path of `name` in `folder`; an error where the name or a link behind it leaves the folder. `source` is the file that
 * names it. A snapshot in a Hugging Face cache consists of links to the blobs of its model or data set: they may leave, to there.
 */
export async function resolveInside(folder: string, name: string, source: string): Promise<string> {
  const path = join(folder, name)
  const at = { file: source, place: `file name ${JSON.stringify(name)}` }
  if (name === '' || isAbsolute(name) || leaves(relative(folder, path))) {
    throw new FileFormatError(at, 'expected a file inside the folder')
  }
  const real = await realpath(path).catch((cause: Error) => {
    throw new FileFormatError(at, 'no such file in the folder', { cause })
  })
  const realFolder = await realpath(folder)
  if (leaves(relative(realFolder, real)) && !isBlobOf(realFolder, real)) {
    const allowed =
      'only those of a Hugging Face cache may be, from models--*/snapshots/* or datasets--*/snapshots/* to the blobs beside it'
    throw new FileFormatError(at, `is a link out of the folder, to ${real}; ${allowed}`)
  }
  return path
}

/** Both without links: models--org--name/snapshots/<revision>, and models--org--name/blobs/<hash>; datasets-- likewise. */
function isBlobOf(folder: string, file: string): boolean {
  const snapshots = dirname(folder)
  const repository = dirname(snapshots)
  return (
    /^(models|datasets)--/.test(basename(repository)) &&
    basename(snapshots) === 'snapshots' &&
    dirname(file) === join(repository, 'blobs') &&
    /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(basename(file))
  )
}

function leaves(relativePath: string): boolean {
  return relativePath === '' || relativePath === '..' || relativePath.startsWith(`..${sep}`) || isAbsolute(relativePath)
}
