import type { Examination } from '../examination.js'
import type { Permission } from '../permissions.js'
import { note, ok, type Verdict } from './finding.js'

const meanings: Record<Permission, string> = {
  '--allow-child-process':
    'no program was asked (nvidia-smi, ldconfig, compilers), and the addon was loaded without a trial',
  '--allow-fs-read=*': 'files that may not be read count as missing',
}

export function permissions({ permissionsWithheld }: Examination): Verdict {
  if (permissionsWithheld.length === 0) return ok('node --permission withholds nothing')
  const told = permissionsWithheld.map((flag) => `without ${flag} ${meanings[flag]}`)
  return note(`node --permission keeps the doctor from asking: ${told.join('; ')}`)
}
