// What node --permission keeps the doctor from.

const wanted = { '--allow-child-process': 'child', '--allow-fs-read=*': 'fs.read' } as const

export type Permission = keyof typeof wanted

/** The flags that would let it ask, where node --permission withholds them. */
export function permissionsWithheld(): Permission[] {
  const { permission } = process as { permission?: { has(scope: string): boolean } } // only where the model is in force
  if (permission === undefined) return []
  return (Object.keys(wanted) as Permission[]).filter((flag) => !permission.has(wanted[flag]))
}
