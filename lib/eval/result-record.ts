// What is kept of an evaluation: a line about the whole, then one a problem, with every sample. Neither times nor paths of data, so
// that the same evaluation gives the same bytes.
import { z } from 'zod'

/** Every verdict, as results say it. */
export const verdicts = ['correct', 'wrong', 'unparsed', 'truncated', 'failed'] as const satisfies readonly Verdict[]
/** `unparsed`: no final answer was found. `truncated`: cut at the limit, and not asked of the grader. `failed`: there is no answer. */
export type Verdict = 'correct' | 'wrong' | 'unparsed' | 'truncated' | 'failed'

const answerSchema = z.strictObject({
  /** What the grader said of it; or that it was not asked. */
  verdict: z.enum(verdicts),
  /** The reason of the verdict, for people; of a failure its message. */
  why: z.string(),
  /** The final answer in the grader's canonical form; null where there is none. */
  predicted: z.string().nullable(),
  /** Why the grader gave no verdict, which is `unparsed` then: it hung or it crashed. */
  failure: z.enum(['deadline', 'crash']).optional(),
  /** The verdict is `correct`. */
  isCorrect: z.boolean(),
  /** It ended by itself, not at the limit. */
  isFinished: z.boolean(),
  /** The stop token included; null where a server does not say. */
  numTokens: z.number().min(0).nullable(),
  /** As the model gave it, from the end of the prompt on; empty where there is no answer. */
  text: z.string(),
})

const protocolSchema = z.strictObject({
  /** Answers to a problem. */
  samplesPerProblem: z.int().min(1),
  /** The longest answer, the stop token included; a longer one is cut, and wrong. */
  maxResponseTokens: z.int().min(1),
  /** Of sampling; 0 takes the likeliest token. */
  temperature: z.number().min(0),
  /** Only so many of the likeliest tokens are drawn from; 0: all. */
  topK: z.int().min(0),
  /** Only the likeliest tokens that together reach this probability are drawn from; 1: all. */
  topP: z.number().gt(0).max(1),
  /** Of every draw; a server is given one made of it for each request. */
  seed: z.int().min(0),
  /** The user's turn, made of a row's fields: `{problem}` is the field of that name. */
  turn: z.string(),
  /** An answer counts only after `</think>`. */
  needsThinkingClosed: z.boolean(),
  /** The grader's rules. */
  mode: z.enum(['exact', 'deepscaler']),
})

const aboutSchema = z.strictObject({
  /** The first line of a file of results. */
  type: z.literal('evaluation'),
  /** Of the format. */
  version: z.literal(1),
  /** What is evaluated. */
  model: z.strictObject({
    /** As reports call it. */
    name: z.string(),
    /** Of what a folder's answers follow from: weights, configuration, tokenizer, template. */
    sha256: z.string().optional(),
    /** The address of a server's endpoint. */
    server: z.string().optional(),
  }),
  /** How every problem is answered and graded. */
  protocol: protocolSchema,
  /** What it answers, in order. */
  sets: z
    .array(
      z.strictObject({
        /** Of the set, as results and reports call it. */
        name: z.string(),
        /** All of them are asked. */
        numProblems: z.int().min(1),
        /** Of its rows; see setHash. */
        sha256: z.string(),
      }),
    )
    .min(1),
})

const problemSchema = z.strictObject({
  /** Every line but the first one. */
  type: z.literal('problem'),
  /** Name of its set. */
  set: z.string(),
  /** Place in the set, from 0. */
  index: z.int().min(0),
  /** Of the row. */
  id: z.string(),
  /** The right answer, or several any of which is; an empty list where the row has none. */
  expected: z.union([z.string(), z.array(z.string())]),
  /** Length of `answers`, failed ones included. */
  numSamples: z.int().min(1),
  /** Of them, those that are right. */
  numCorrect: z.int().min(0),
  /** By place: the random stream of each is named by it. */
  answers: z.array(answerSchema).min(1),
})

export const lineSchema = z.discriminatedUnion('type', [aboutSchema, problemSchema])

/** How every problem is answered and graded. */
export interface Protocol extends z.output<typeof protocolSchema> {}
/** What an evaluation is of: the same in two files only where one may go on with the other. */
export interface ResultAbout extends z.output<typeof aboutSchema> {}
/** An answer as results keep it. */
export interface AnswerRecord extends z.output<typeof answerSchema> {}
/** A problem with all its answers, as a line of results keeps it. */
export interface ProblemRecord extends z.output<typeof problemSchema> {}
/** A problem's record without the texts, which may be longer than memory. */
export interface ProblemResult extends Omit<ProblemRecord, 'answers'> {
  /** By place: the random stream of each is named by it. */
  answers: Omit<AnswerRecord, 'text'>[]
}

export function withoutTexts(record: ProblemRecord): ProblemResult {
  return { ...record, answers: record.answers.map(({ text: _, ...answer }) => answer) }
}

export const hasFailures = ({ answers }: ProblemResult): boolean => answers.some(({ verdict }) => verdict === 'failed')
