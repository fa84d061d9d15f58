// Answers to problems, scored, and what they say about a model.
export { type AnswerOptions, answerRows, type ScoredAnswer } from './answer-rows.js'
export type { Answered, AnsweringModel, Question, RawAnswer } from './answering-model.js'
export type { Interval } from './bootstrap.js'
export { type Comparison, compareResults, type PairedDifference, pairedDifference } from './compare.js'
export { type EvaluateOptions, evaluate, evaluateEach, type GradedAnswer } from './evaluate.js'
export { type Grader, type Grading, mathGrader } from './grader.js'
export { localModel } from './local-model.js'
export { type Measures, meanOfSets, measure } from './measure.js'
export { type ServerModelOptions, serverModel } from './openai/server-model.js'
export { type ProblemSet, setHash } from './problem-set.js'
export { type PublishedName, type PublishedRow, type PublishedTable, published } from './published.js'
export { evaluationReport, type ReportOptions } from './report.js'
export { readResults } from './result-file.js'
export type { AnswerRecord, ProblemRecord, ProblemResult, Protocol, ResultAbout, Verdict } from './result-record.js'
export { ResultMemory, ResultStore } from './result-store.js'
export { type Evaluation, type ResultKeeper, runEvaluation } from './run-evaluation.js'
export {
  cutAt,
  type EvaluatedSample,
  type EvaluationSummary,
  meanPassAtK,
  passAtK,
  summarize,
} from './statistics.js'
