// Answers to problems, scored, and what they say about a model.
export { type AnswerOptions, answerRows, type ScoredAnswer } from './answer-rows.js'
export { type EvaluateOptions, evaluate, evaluateEach, type GradedAnswer } from './evaluate.js'
export {
  cutAt,
  type EvaluatedSample,
  type EvaluationSummary,
  meanPassAtK,
  passAtK,
  summarize,
} from './statistics.js'
