// What was decided about one answer, as plain JSON: what it is worth, and what that is made of.

/** What was decided about one answer, as plain JSON: what it is worth, and what that is made of. */
export interface Verdict {
  /** What the answer is learned from, with weights and penalties; null: a reward failed on it. */
  score: number | null
  /** Where it is not the score: how right the answer is, 1 being right. The first reward's own score, without weight or penalty. */
  outcome?: number
  /** By name, each without its weight: the several rewards, and the penalty for length. */
  parts?: Record<string, number>
  /** Whether the reward could read the answer: right or wrong it then was by what it said. Not every reward tells. */
  isParsed?: boolean
  /** Why there is no score. */
  why?: string
}

/** How right an answer is, 1 being right; undefined where it has no score. */
export const outcomeOf = ({ score, outcome }: Verdict): number | undefined =>
  score === null ? undefined : (outcome ?? score)

/** What the penalty for length is called among the parts; no reward's name. */
export const penaltyName = 'overlong'
