// How often a run saves what it needs to go on, and how much of that stays.

export interface KeeperOptions {
  /** Steps between two checkpoints; there is one at the end of every stage too. */
  everySteps: number
  /** The last so many stay. */
  keepLast: number
  /** And the one with the highest held-out pass@1. */
  keepBest: boolean
}

export const keeperDefaults: KeeperOptions = { everySteps: 10, keepLast: 2, keepBest: true }
