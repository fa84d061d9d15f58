// Shows a run's events to whoever watches: a live line on a terminal, plain lines elsewhere, JSON lines for programs.
import type { RunEvent } from '../train/events.js'

export interface Reporter {
  report(event: RunEvent): void
  /** Ends the display; called once, also after a failure. */
  close(): void
}

/** Where a reporter writes; process.stdout in practice. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** One object a line; the last one is the summary. */
export function jsonReporter(output: Output): Reporter {
  return {
    report: (event) => void output.write(`${JSON.stringify(event)}\n`),
    close: () => {},
  }
}
