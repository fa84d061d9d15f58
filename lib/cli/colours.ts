// Whether what is written is coloured. picocolors alone would colour a log file too where CI is set.
import pc from 'picocolors'
import type { Output } from './reporter.js'

export type Colours = ReturnType<typeof pc.createColors>

/** On a terminal, unless NO_COLOR says no; elsewhere where FORCE_COLOR says so. */
export function coloursFor(output: Output, env: NodeJS.ProcessEnv = process.env): Colours {
  return pc.createColors(isColoured(output, env))
}

function isColoured({ isTTY }: Output, { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (NO_COLOR) return false
  if (FORCE_COLOR) return FORCE_COLOR !== '0'
  return isTTY === true && TERM !== 'dumb'
}
