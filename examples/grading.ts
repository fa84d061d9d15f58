// Grading answers to mathematical problems: one at once, with the reason and both forms, and many in worker processes, where an answer
// that takes too long or too much memory costs nobody else's verdict.
// Run: node grading.ts
//
//   \frac{1}{2} for 0.5: correct (1/2 is 1/2)
//   (x+1)^2 for x^2+2x+1: correct (x^2 + 2*x + 1 is x^2 + 2*x + 1)
//   \sqrt{8} for 2\sqrt{2}: correct (2*sqrt(2) is 2*sqrt(2))
//   50 for 50\%: wrong (50 is not 1/2)
//   [0,1) for [0,1]: wrong ([0, 1) is not [0, 1])
//   9^{9^{9^9}} for 1: unparsed (the comparison cannot be read: a power in it is too large or too small)
//   without a box: correct
//   no closed thinking: the thinking was not closed with </think>
//   either will do: correct
//   the bare answer: correct
//   1500 of 2000 correct, 2 workers, 0 without a verdict
import { GraderPool, gradeMath } from 'lengthen'

// As a model answers: it thinks, closes the thinking, and puts its final answer into a box.
const said = (answer: string) => `Let me see.</think>The answer is $\\boxed{${answer}}$.`

for (const [answer, gold] of [
  ['\\frac{1}{2}', '0.5'],
  ['(x+1)^2', 'x^2+2x+1'],
  ['\\sqrt{8}', '2\\sqrt{2}'],
  ['50', '50\\%'],
  ['[0,1)', '[0,1]'],
  ['9^{9^{9^9}}', '1'],
] as const) {
  const { verdict, why } = gradeMath(said(answer), gold)
  console.log(`${answer} for ${gold}: ${verdict} (${why})`)
}

// Without a box, without </think>, several right answers, or the final answer alone.
const plain = { needsBox: false, needsThinkingClosed: false }
console.log('without a box:', gradeMath('So the answer is 42.', '42', plain).verdict)
console.log('no closed thinking:', gradeMath('\\boxed{42}', '42').why)
console.log('either will do:', gradeMath(said('-2'), ['2', '-2']).verdict)
console.log('the bare answer:', gradeMath('1,000', '1000', { isExtracted: true }).verdict)

// Many: 2,000 pairs, in the order they were given.
const pairs = Array.from({ length: 2000 }, (_, i) => ({
  answer: said(i % 4 === 3 ? `${i}/2` : `\\frac{${i}}{3}`),
  gold: `\\frac{${2 * i}}{6}`,
}))
const pool = new GraderPool({ numWorkers: 2 })
const grades = await pool.grade(pairs, { deadlineMs: 10_000 })
const numCorrect = grades.filter(({ verdict }) => verdict === 'correct').length
const { graded, workersStarted, deadlines, crashes } = pool.counts
console.log(`${numCorrect} of ${graded} correct, ${workersStarted} workers, ${deadlines + crashes} without a verdict`)
pool.dispose()
