// LaTeX as the published grader's converter writes it in plain text: \frac{a}{b} is a/b without brackets, a root loses its
// degree, and a macro that is not known vanishes.
import { dictionary } from '../math/dictionary.js'

const words = dictionary({
  pi: 'pi',
  infty: 'inf',
  cup: 'U',
  cap: '∩',
  cdot: '*',
  times: '*',
  div: '÷',
  pm: '±',
  mp: '∓',
  in: '∈',
  le: '≤',
  leq: '≤',
  ge: '≥',
  geq: '≥',
  ne: '≠',
  neq: '≠',
  circ: '∘',
  ...sameName('sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln exp lim max min det gcd'),
  ...greek(
    'alphaα betaβ gammaγ deltaδ epsilonϵ zetaζ etaη thetaθ iotaι kappaκ lambdaλ muμ nuν xiξ rhoρ sigmaσ tauτ phiϕ chiχ psiψ omegaω',
  ),
  ...greek('GammaΓ DeltaΔ ThetaΘ LambdaΛ XiΞ PiΠ SigmaΣ PhiΦ PsiΨ OmegaΩ'),
})

/** One pass; what is not LaTeX stays. */
export function latexToText(latex: string): string {
  return new Converter(latex.replace(/\\[td]frac/g, '\\frac').replaceAll('\\frac', ' \\frac')).all().trim()
}

/** Deeper nesting than any honest answer's is not told apart. */
const deepest = 200

class Converter {
  private at = 0
  private depth = 0
  constructor(private readonly latex: string) {}

  all(): string {
    let text = ''
    while (this.at < this.latex.length) text += this.latex[this.at] === '}' ? this.skip() : this.next()
    return text
  }

  /** One letter, macro or group. */
  private next(): string {
    const letter = this.latex[this.at] ?? ''
    if (letter === '{') return this.group()
    if (letter === '\\') return this.macro()
    this.at += 1
    return letter
  }

  private group(): string {
    this.at += 1
    if (this.depth >= deepest) return ''
    this.depth += 1
    let text = ''
    while (this.at < this.latex.length && this.latex[this.at] !== '}') text += this.next()
    this.at += 1
    this.depth -= 1
    return text
  }

  private macro(): string {
    const [whole = '\\', name = ''] = macroPattern.exec(this.latex.slice(this.at, this.at + longestMacro)) ?? []
    this.at += whole.length
    if (name === 'frac') return `${this.argument()}/${this.argument()}`
    if (name === 'sqrt') return this.root()
    if (words[name] !== undefined) return words[name]
    return /^[{}%$&#_|]$/.test(name) ? name : /^[ ,;:]$/.test(name) ? ' ' : ''
  }

  private root(): string {
    if (this.latex[this.at] === '[') this.at = Math.max(this.at, this.latex.indexOf(']', this.at)) + 1
    return `sqrt(${this.argument()})`
  }

  private argument(): string {
    while (this.latex[this.at] === ' ') this.at += 1
    return this.at < this.latex.length && this.latex[this.at] !== '}' ? this.next() : ''
  }

  private skip(): string {
    this.at += 1
    return ''
  }
}

const longestMacro = 40
const macroPattern = /^\\([a-zA-Z]+|.)?[ ]*/su

function sameName(names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, name]))
}

function greek(names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name.slice(0, -1), name.slice(-1)]))
}
