// An examination as Markdown to paste into a bug report. What it says of a person has been taken out before (privacy.ts). Pure.
import type { Examination } from './examination.js'
import type { Finding } from './findings/index.js'
import { columns, findingsText, groupsOf } from './text.js'

const happened = `## What happened

<!-- What you ran (the command, or a program that is as short as can be), what you expected, and what you got instead: the
whole message, and the recipe where there is one. -->
`

export function reportText(examination: Examination, findings: readonly Finding[]): string {
  const groups = groupsOf(examination).map(({ title, lines }) => section(title, columns(lines)))
  return [happened, ...groups, section('Findings', findingsText(findings))].join('\n')
}

// No line begins with a fence: each begins with a name of ours.
const section = (title: string, text: string): string => `## ${title}\n\n\`\`\`text\n${text}\`\`\`\n`
