// What the doctor thinks of one thing that it looked at.

export interface Finding {
  /** What it is about; stable. */
  id: FindingId
  /** A note does not stand in the way: something is slower than it could be, or cannot be had here. */
  status: 'ok' | 'note' | 'problem'
  text: string
  /** The command that mends it; null where nothing is to be mended, or where there is no command for it. */
  fix: string | null
}

export const findingIds = [
  ...(['node', 'permissions', 'platform', 'addon', 'kernels', 'threads', 'memory', 'rates'] as const),
  ...(['nvidia driver', 'gpu', 'cublas', 'cuda package', 'cuda'] as const),
] as const

export type FindingId = (typeof findingIds)[number]

type Verdict = Omit<Finding, 'id'>

export const ok = (text: string): Verdict => ({ status: 'ok', text, fix: null })

export const note = (text: string, fix?: string): Verdict => ({ status: 'note', text, fix: fix ?? null })

export const problem = (text: string, fix?: string): Verdict => ({ status: 'problem', text, fix: fix ?? null })

export type { Verdict }
