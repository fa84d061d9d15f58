// One spelling for answers that LaTeX can spell in many ways. What changes the meaning is kept: a percent sign, and which
// unit it is.

export interface NormalAnswer {
  /** Without its unit; spaces are kept where they part digits. */
  value: string
  /** What a trailing \text{…} says, lower case; empty where there is none. */
  unit: string
}

export function normalizeAnswer(answer: string): NormalAnswer {
  const { value, unit } = splitUnit(rewrite(answer, lookRules).trim())
  return { value: rewrite(dropLeftSide(value.trim()), spellingRules), unit }
}

type Rule = readonly [RegExp, string]

/** What only changes the look. */
const lookRules: readonly Rule[] = [
  [/\u2212/g, '-'],
  [/\\(?:dfrac|tfrac|cfrac)(?![a-zA-Z])/g, '\\frac'],
  [/\\(?:left|right)(?![a-zA-Z])\.?/g, ''],
  [/\\!|\\displaystyle(?![a-zA-Z])/g, ''],
  [/\{,\}/g, ','],
  [/\\[,;: ]|~|\s+|\\quad(?![a-zA-Z])/g, ' '],
  [/\^\s*(?:\\circ|\{\s*\\circ\s*\})|\\degree(?![a-zA-Z])|°/g, ''],
  [/\\?\$/g, ''],
]

/** What brings one expression into one spelling. */
const spellingRules: readonly Rule[] = [
  [/\\(?:text|textbf|mathrm|mbox|mathbf)\s*\{([^{}]*)\}/g, '$1'],
  [/(?<!\d)\s+|\s+(?!\d)/g, ''],
  [/\\sqrt\s*([0-9a-zA-Z])/g, '\\sqrt{$1}'],
  [/\\frac\s*([0-9a-zA-Z])\s*([0-9a-zA-Z])/g, '\\frac{$1}{$2}'],
  [/\\frac\s*([0-9a-zA-Z])\s*\{/g, '\\frac{$1}{'],
  [/(\\frac\{[^{}]*\})\s*([0-9a-zA-Z])/g, '$1{$2}'],
  [/(?<![\d.])\.(?=\d)/g, '0.'],
  [/\.$/g, ''],
  [/\\%/g, '%'],
  [/^(-?)(\d+)\/(\d+)$/g, '$1\\frac{$2}{$3}'],
]

function rewrite(text: string, rules: readonly Rule[]): string {
  return rules.reduce((result, [pattern, by]) => result.replace(pattern, by), text)
}

function splitUnit(text: string): NormalAnswer {
  const match = /^(.*\S)\s*\\(?:text|mathrm|mbox)\s*\{([^{}]*)\}\s*(\^\s*(?:\d|\{\d\}))?$/s.exec(text)
  const [, value = text, name = '', power = ''] = match ?? []
  // "x = \text{even}" is no unit: something must be there to measure.
  if (/[=(,[{]$/.test(value.trim())) return { value: text, unit: '' }
  return { value, unit: (name.trim() + power.replaceAll(/[\s{}]/g, '')).toLowerCase() }
}

/** "x = 5" is 5, but "7 = x + 2" is an equation. */
function dropLeftSide(text: string): string {
  return /^[a-zA-Z]\w?\s*=([^=]*)$/s.exec(text)?.[1]?.trim() ?? text
}
