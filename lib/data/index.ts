// Problems and the prompts made of them.
export { type Downloaded, type DownloadOptions, downloadFromHub } from './hub/download.js'
export { type ProblemSource, shuffledRows } from './problem-source.js'
export { promptsOf, promptTokens } from './prompt.js'
export { type ReadOptions, readData } from './read-data.js'
export type { Row } from './row.js'
export { readRows } from './rows.js'
export type { ColumnMapping, DataSource } from './source.js'
