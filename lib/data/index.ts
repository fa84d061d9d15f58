// Problems and the prompts made of them; conversations and the answers in them.
export * from './chat/index.js'
export { curate } from './curate/curate.js'
export { mathRules } from './curate/grader.js'
export type {
  Curation,
  CurationOptions,
  DroppedRow,
  DropReason,
  DuplicateOf,
  FoundOverlap,
  KeptRow,
  ReadAnswer,
  SourcedRow,
} from './curate/types.js'
export type { RepositoryType } from './hub/cache.js'
export { type Downloaded, type DownloadOptions, type DownloadProgress, downloadFromHub } from './hub/download.js'
export { type ProblemSource, type SelectableSource, type ShuffleOptions, shuffledRows } from './problem-source.js'
export { promptsOf, promptTokens } from './prompt.js'
export { type ReadOptions, readData } from './read-data.js'
export type { PlacedRow } from './read-records.js'
export type { Row } from './row.js'
export { readRows } from './rows.js'
export type { Difficulty, DifficultyWeight } from './select/difficulty.js'
export type { ColumnMapping, DataSource } from './source.js'
