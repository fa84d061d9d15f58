// What LaTeX's commands mean here.
import { dictionary } from '../dictionary.js'

/** Commands that change only the look. */
export const ignoredCommands = new Set(
  (
    'left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr displaystyle textstyle scriptstyle ' +
    'limits nolimits boxed fbox nonumber notag mathstrut relax protect bf it rm allowbreak nobreak ensuremath'
  ).split(' '),
)

export const spaceCommands = new Set([
  ',',
  ';',
  ':',
  '!',
  ' ',
  '>',
  '/',
  '\n',
  '\t',
  'quad',
  'qquad',
  'enspace',
  'thinspace',
  'enskip',
])

/** Commands whose argument is text: words, a unit, or an upright letter or function name. */
export const textCommands = new Set(
  (
    'text textbf textit textrm textsf texttt textnormal textup mbox hbox mathrm mathbf mathit mathsf mathtt operatorname ' +
    'mathbb mathcal mathfrak mathscr boldsymbol bm pmb emph underline textsc rm mathop mathnormal unit'
  ).split(' '),
)

export const commandSigns = dictionary<string>({
  times: '*',
  cdot: '*',
  cdotp: '*',
  ast: '*',
  star: '*',
  div: '/',
  pm: '±',
  mp: '∓',
  le: '≤',
  leq: '≤',
  leqslant: '≤',
  leqq: '≤',
  ge: '≥',
  geq: '≥',
  geqslant: '≥',
  geqq: '≥',
  ne: '≠',
  neq: '≠',
  lt: '<',
  gt: '>',
  approx: '≈',
  approxeq: '≈',
  simeq: '≈',
  doteq: '≈',
  equiv: '≡',
  in: '∈',
  notin: '∉',
  cup: '∪',
  bigcup: '∪',
  cap: '∩',
  setminus: '∖',
  smallsetminus: '∖',
  backslash: '∖',
  land: 'and',
  wedge: 'and',
  lor: 'or',
  vee: 'or',
  mid: '|',
  vert: '|',
  lvert: '|',
  rvert: '|',
  colon: ':',
  langle: '⟨',
  rangle: '⟩',
  lfloor: '⌊',
  rfloor: '⌋',
  lceil: '⌈',
  rceil: '⌉',
  lbrace: '\\{',
  rbrace: '\\}',
  '{': '\\{',
  '}': '\\}',
  lbrack: '[',
  rbrack: ']',
  lparen: '(',
  rparen: ')',
  '|': '‖',
  Vert: '‖',
  lVert: '‖',
  rVert: '‖',
  circ: '°',
  degree: '°',
  prime: "'",
  '%': '%',
  '&': '&',
  ldots: '…',
  dots: '…',
  cdots: '…',
  dotsc: '…',
  dotsm: '…',
  dotsb: '…',
  to: '→',
  rightarrow: '→',
  Rightarrow: '⇒',
  implies: '⇒',
  iff: '⇔',
  emptyset: '∅',
  varnothing: '∅',
  cong: '≅',
  '\\': '\\\\',
  cr: '\\\\',
  newline: '\\\\',
  _: '_',
  '#': '#',
})

/** Letters and constants by command, and the letters of other alphabets by themselves. */
export const letterCommands = new Set(
  (
    'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho sigma varsigma ' +
    'tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega ell hbar nabla aleph Re Im'
  ).split(' '),
)

/** Read by the parser, each in its own way. */
export const structuralNames = new Set(
  (
    'frac dfrac tfrac cfrac sqrt cbrt binom dbinom tbinom choose overline bar underbrace overrightarrow vec hat ' +
    'widehat tilde dot over sum prod pmod mod bmod phantom sfrac nicefrac tbinom'
  ).split(' '),
)

export const functionNames = new Set(
  (
    'sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth sech csch arsinh arcosh artanh ' +
    'asin acos atan asinh acosh atanh ln log lg exp abs floor ceil gcd lcm max min det sgn sign cis tg ctg arctg'
  ).split(' '),
)

export const characterSigns: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '×': '*',
  '·': '*',
  '⋅': '*',
  '∗': '*',
  '∙': '*',
  '÷': '/',
  '∕': '/',
  '≤': '≤',
  '⩽': '≤',
  '≥': '≥',
  '⩾': '≥',
  '≠': '≠',
  '≈': '≈',
  '±': '±',
  '∓': '∓',
  '∈': '∈',
  '∪': '∪',
  '∩': '∩',
  '∖': '∖',
  '∅': '∅',
  '°': '°',
  º: '°',
  '′': "'",
  '’': "'",
  '…': '…',
  '（': '(',
  '）': ')',
  '，': ',',
  '；': ';',
  '：': ':',
  '⟨': '⟨',
  '⟩': '⟩',
  '⌊': '⌊',
  '⌋': '⌋',
  '⌈': '⌈',
  '⌉': '⌉',
  '∧': 'and',
  '∨': 'or',
  '≡': '≡',
  '→': '→',
  '%': '%',
  '％': '%',
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** The digit that a raised character is. */
export function superscriptDigit(letter: string): string | undefined {
  const digit = superscripts.indexOf(letter)
  return letter === '' || digit === -1 ? undefined : String(digit)
}

const greekNames =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon phi chi psi omega'

/** α to ω and the capitals that differ from Latin ones, by the names of their commands. */
export const greekLetters: Readonly<Record<string, string>> = Object.fromEntries([
  ...greekNames.split(' ').map((name, i) => [String.fromCharCode(0x3b1 + i), name]),
  ...Object.entries({
    Γ: 'Gamma',
    Δ: 'Delta',
    Θ: 'Theta',
    Λ: 'Lambda',
    Ξ: 'Xi',
    Σ: 'Sigma',
    Φ: 'Phi',
    Ψ: 'Psi',
    Ω: 'Omega',
  }),
])

export const vulgarFractions: Readonly<Record<string, readonly string[]>> = {
  '½': ['1', '2'],
  '⅓': ['1', '3'],
  '⅔': ['2', '3'],
  '¼': ['1', '4'],
  '¾': ['3', '4'],
  '⅕': ['1', '5'],
  '⅖': ['2', '5'],
  '⅗': ['3', '5'],
  '⅘': ['4', '5'],
  '⅙': ['1', '6'],
  '⅚': ['5', '6'],
  '⅛': ['1', '8'],
  '⅜': ['3', '8'],
  '⅝': ['5', '8'],
  '⅞': ['7', '8'],
}
