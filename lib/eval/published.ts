// Results as their authors published them, to put a run beside. Scores are pass@1 in per cent; a set that was not reported is absent.

/** A model and its scores. */
export interface PublishedRow {
  /** As its authors call it. */
  model: string
  /** By set: pass@1 in per cent; a set that was not reported is absent. */
  scores: Readonly<Record<string, number>>
  /** Over all sets, in per cent, as published; absent where a set is. */
  mean?: number
}

/** Scores that were published together. */
export interface PublishedTable {
  /** Of the model whose table it is. */
  title: string
  /** How it was measured, where that was published. */
  protocol: string
  /** By set, the number of its problems; in the order of the table. */
  sets: Readonly<Record<string, number>>
  /** By model. */
  rows: readonly PublishedRow[]
}

/** Of DeepScaleR's model card, early 2025. */
const deepscaler: PublishedTable = {
  title: 'DeepScaleR-1.5B-Preview',
  protocol:
    '16 samples a problem, temperature 0.6, top-p 0.95, up to 32,768 new tokens; pass@1 is the mean over all samples',
  sets: { 'aime-2024': 30, 'math-500': 500, amc: 83, minerva: 272, 'olympiad-bench': 675 },
  rows: [
    {
      model: 'R1-Distill-Qwen-1.5B',
      scores: { 'aime-2024': 28.8, 'math-500': 82.8, amc: 62.9, minerva: 26.5, 'olympiad-bench': 43.3 },
      mean: 48.9,
    },
    {
      model: 'Still-1.5B',
      scores: { 'aime-2024': 32.5, 'math-500': 84.4, amc: 66.7, minerva: 29.0, 'olympiad-bench': 45.4 },
      mean: 51.6,
    },
    {
      model: 'DeepScaleR-1.5B',
      scores: { 'aime-2024': 43.1, 'math-500': 87.8, amc: 73.6, minerva: 30.2, 'olympiad-bench': 50.0 },
      mean: 57.0,
    },
    { model: 'o1-preview', scores: { 'aime-2024': 40.0, 'math-500': 81.4 } },
  ],
}

/** Tables of scores as their authors published them, to put a run beside. */
export const published = { deepscaler } as const satisfies Record<string, PublishedTable>

/** The tables that there are. */
export type PublishedName = keyof typeof published

export const publishedNames = Object.keys(published) as [PublishedName, ...PublishedName[]]
