// Problems that ask for a proof have no answer to compare with.

const asksForProof = /\b(?:prove|disprove|show|demonstrate|verify)\s+(?:that|the|why|:)|\bprove\b|\bgive a proof\b/i
const asksForValue =
  /\b(?:find|determine|compute|calculate|evaluate|what|for which|how (?:many|much|long|far|old)|simplify|solve|give the|express)\b/i
const isProof = /^(?:proof|q\.?\s*e\.?\s*d|see (?:the )?(?:proof|solution)|proved|true by)\b|\\(?:blacksquare|qed)\b/i

/** Whether the text asks for a proof and for nothing else. */
export const isProofProblem = (problem: string): boolean => asksForProof.test(problem) && !asksForValue.test(problem)

/** Whether an answer is a proof, or says that there is one. */
export const isProofAnswer = (answer: string): boolean => isProof.test(answer.trim())
