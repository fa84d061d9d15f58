// How often a run saves what it needs to go on, and how much of that stays.

/** What a RunKeeper keeps; its own defaults are those of a recipe's `checkpoint`. */
export interface KeeperOptions {
  /** Steps between two checkpoints; there is one before the first step and one at the end of every stage too. 10 where left out. */
  everySteps: number
  /** The last so many stay; 2 where left out. */
  keepLast: number
  /** And the one with the highest score, which is held-out pass@1 in a recipe's run. True where left out. */
  keepBest: boolean
}

export const keeperDefaults: KeeperOptions = { everySteps: 10, keepLast: 2, keepBest: true }
