// What LaTeX's commands mean here.

/** Commands that change only the look. */
export const ignoredCommands = new Set(
  (
    'left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr displaystyle textstyle scriptstyle ' +
    'limits nolimits boxed fbox nonumber notag mathstrut relax protect bf it rm allowbreak nobreak ensuremath'
  ).split(' '),
)

export const spaceCommands = new Set([',', ';', ':', '!', ' ', '>', '/', '\n', '\t', 'quad', 'qquad', 'enspace', 'thinspace', 'enskip'])

/** Commands whose argument is text: words, a unit, or an upright letter or function name. */
export const textCommands = new Set(
  (
    'text textbf textit textrm textsf texttt textnormal textup mbox hbox mathrm mathbf mathit mathsf mathtt operatorname ' +
    'mathbb mathcal mathfrak mathscr boldsymbol bm pmb emph underline textsc rm mathop mathnormal unit'
  ).split(' '),
)

export const commandSigns: Readonly<Record<string, string>> = {
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
}

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
    'widehat tilde dot sum prod pmod mod bmod phantom sfrac nicefrac tbinom'
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
  return digit === -1 ? undefined : String(digit)
}
