// The reward section: one mathematical reward, or several parts with weights; and what becomes of answers that are too long.
import { z } from 'zod'
import { gradeModes } from '../../reward/grade-math.js'
import { modulePathProblem } from '../../reward/reward-module.js'
import { penaltyName } from '../../reward/verdict.js'
import { overlongPenaltySection } from './collect.js'

const share = z.number().min(0).max(1)
// What setTimeout can wait for; a longer time would be over at once.
const longestTimerMs = 2 ** 31 - 1

/** A key of another kind than `kind` says is an error: see partProblems. */
const partSection = z.strictObject({
  /** math: 1 for the right answer, else 0; format: 1 for the right form, else 0; module: a function of one's own. */
  kind: z.enum(['math', 'format', 'module']),
  /** In the sum: 0 is watched only, and below 0 a penalty. 1 where left out. */
  weight: z.number().default(1),
  /** In metrics; the kind where left out. */
  name: z
    .string()
    .regex(/^[A-Za-z][\w-]*$/, 'a letter, then letters, digits, "_" or "-"')
    .optional(),
  /** math; that of the section where left out. */
  mode: z.enum(gradeModes).optional(),
  /** math and format; that of the section where left out. */
  needsThinkingClosed: z.boolean().optional(),
  /** module: a file within the recipe's own folder. It is code, and it is run. */
  path: z.string().min(1).optional(),
  /** module: which of its exports; default where left out. */
  export: z.string().min(1).optional(),
  /** module: of the file; a run refuses other code, and writes it into its own recipe. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
    .optional(),
})

export type RewardPart = z.output<typeof partSection>

export const rewardSection = z.strictObject({
  /** Of the one reward where there are no parts. */
  kind: z.enum(['math']).default('math'),
  /** Whose rules: our own, or those of the grader that DeepScaleR was trained with, its faults included. */
  mode: z.enum(gradeModes).default('exact'),
  /** An answer whose thinking is not closed with `</think>` scores 0. */
  needsThinkingClosed: z.boolean().default(true),
  /** Several rewards, added up by weight. The first alone says what is right, and evaluations ask it alone. */
  parts: z
    .array(partSection)
    .min(1)
    .superRefine((parts, context) => {
      for (const { path, message } of parts.flatMap((_, index) => partProblems(parts, index)))
        context.addIssue({ code: 'custom', path, message })
    })
    .optional(),
  /** Takes from the score of answers near the limit (DAPO, equation 13), whatever they say; nothing where left out. */
  overlongPenalty: overlongPenaltySection.optional(),
  /** For one answer, in milliseconds: one that takes longer has no score. 10 seconds where left out. */
  deadlineMs: z.int().min(1).max(longestTimerMs).default(10_000),
  /** More missing scores than this share of a step's answers fail the run; 0.05 where left out. */
  maxMissingShare: share.default(0.05),
})

/** What the part is called in metrics. */
export const nameOfPart = ({ name, kind }: RewardPart): string => name ?? kind

const keysOf: Record<RewardPart['kind'], readonly (keyof RewardPart)[]> = {
  math: ['kind', 'weight', 'name', 'mode', 'needsThinkingClosed'],
  format: ['kind', 'weight', 'name', 'needsThinkingClosed'],
  module: ['kind', 'weight', 'name', 'path', 'export', 'sha256'],
}

interface PartProblem {
  path: (string | number)[]
  message: string
}

function partProblems(parts: readonly RewardPart[], index: number): PartProblem[] {
  const part = parts[index] as RewardPart
  const { kind, path } = part
  const problem = (key: string, message: string): PartProblem => ({ path: [index, key], message })
  const foreign = Object.keys(part).filter((key) => !keysOf[kind].includes(key as keyof RewardPart))
  const problems = foreign.map((key) => problem(key, `expected no ${key} in a part of kind ${kind}`))
  const name = nameOfPart(part)
  const isTaken = name === penaltyName || parts.slice(0, index).some((other) => nameOfPart(other) === name)
  const at = `reward.parts.${index}`
  if (isTaken) problems.push(problem('name', `expected a name of its own for ${at}.name, got ${name}`))
  if (kind !== 'module') return problems
  if (path === undefined) return [...problems, problem('kind', `missing key ${at}.path: the file of the code`)]
  const wrong = modulePathProblem(path)
  return wrong === undefined
    ? problems
    : [...problems, problem('path', `expected ${wrong}, for ${at}.path, got ${path}`)]
}
