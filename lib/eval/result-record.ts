// What is kept of an evaluation: a line about the whole, then one a problem, with every sample. Neither times nor paths of data, so
// that the same evaluation gives the same bytes.
import { z } from 'zod'

/** `truncated`: cut at the limit, and not asked of the grader. `failed`: a server gave no answer. */
export const verdicts = ['correct', 'wrong', 'unparsed', 'truncated', 'failed'] as const
export type Verdict = (typeof verdicts)[number]

const answerSchema = z.strictObject({
  verdict: z.enum(verdicts),
  /** Of the verdict; of a failure its message. */
  why: z.string(),
  /** The final answer in the grader's canonical form. */
  predicted: z.string().nullable(),
  /** Why the grader gave no verdict, which is `unparsed` then: it hung or it crashed. */
  failure: z.enum(['deadline', 'crash']).optional(),
  isCorrect: z.boolean(),
  /** It ended by itself, not at the limit. */
  isFinished: z.boolean(),
  /** The stop token included; null where a server does not say. */
  numTokens: z.number().min(0).nullable(),
  text: z.string(),
})

const protocolSchema = z.strictObject({
  samplesPerProblem: z.int().min(1),
  maxResponseTokens: z.int().min(1),
  temperature: z.number().min(0),
  /** 0: all tokens. */
  topK: z.int().min(0),
  topP: z.number().gt(0).max(1),
  seed: z.int().min(0),
  /** The user's turn, made of a row's fields. */
  turn: z.string(),
  /** An answer counts only after </think>. */
  needsThinkingClosed: z.boolean(),
  /** The grader's rules. */
  mode: z.enum(['exact', 'deepscaler']),
})

const aboutSchema = z.strictObject({
  type: z.literal('evaluation'),
  version: z.literal(1),
  model: z.strictObject({
    name: z.string(),
    /** Of what a folder's answers follow from: weights, configuration, tokenizer, template. */
    sha256: z.string().optional(),
    /** The address of a server's endpoint. */
    server: z.string().optional(),
  }),
  protocol: protocolSchema,
  sets: z.array(z.strictObject({ name: z.string(), numProblems: z.int().min(1), sha256: z.string() })).min(1),
})

const problemSchema = z.strictObject({
  type: z.literal('problem'),
  set: z.string(),
  /** Place in the set, from 0. */
  index: z.int().min(0),
  id: z.string(),
  expected: z.union([z.string(), z.array(z.string())]),
  numSamples: z.int().min(1),
  numCorrect: z.int().min(0),
  answers: z.array(answerSchema).min(1),
})

export const lineSchema = z.discriminatedUnion('type', [aboutSchema, problemSchema])

/** How every problem is answered and graded. */
export type Protocol = z.output<typeof protocolSchema>
/** What an evaluation is of: the same in two files only where one may go on with the other. */
export type ResultAbout = z.output<typeof aboutSchema>
export type AnswerRecord = z.output<typeof answerSchema>
export type ProblemRecord = z.output<typeof problemSchema>
/** Without the texts, which may be longer than memory. */
export type ProblemResult = Omit<ProblemRecord, 'answers'> & { answers: Omit<AnswerRecord, 'text'>[] }

export function withoutTexts(record: ProblemRecord): ProblemResult {
  return { ...record, answers: record.answers.map(({ text: _, ...answer }) => answer) }
}

export const hasFailures = ({ answers }: ProblemResult): boolean => answers.some(({ verdict }) => verdict === 'failed')
