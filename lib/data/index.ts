// Problems and the prompts made of them.
export { type ProblemSource, shuffledRows } from './problem-source.js'
export { promptsOf, promptTokens } from './prompt.js'
export type { Row } from './row.js'
export { readRows } from './rows.js'
