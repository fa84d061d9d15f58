// Types that are inferred from zod's schemas, written out in the declarations: users need no zod for them, and see each key's comment.
// What else names zod there is a schema itself, which no public type needs once they are written out.
import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { root } from './stamp.mjs'

/** @param {string} folder of declarations, as tsc made them of lib/ */
export function flattenSchemas(folder) {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'))
  const files = names.map((name) => ({ name, text: fs.readFileSync(path.join(folder, name), 'utf8') }))
  const inferring = files.filter(({ text }) => /from 'zod'/.test(text))
  const sourceOf = (/** @type {string} */ name) => path.join(root, 'lib', name.replace(/\.d\.ts$/, '.ts'))
  const program = programOf(inferring.map(({ name }) => sourceOf(name)))
  for (const { name, text } of inferring) {
    const source = program.getSourceFile(sourceOf(name))
    if (!source) throw new Error(`expected ${sourceOf(name)} beside the declarations of ${name}, found none`)
    fs.writeFileSync(path.join(folder, name), flattened(text, { source, checker: program.getTypeChecker() }))
  }
}

/** @param {string[]} files */
function programOf(files) {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  return ts.createProgram(files, options)
}

/** @typedef {{ source: ts.SourceFile, checker: ts.TypeChecker }} Origin */

/** @param {string} text of a declaration file @param {Origin} origin */
function flattened(text, { source, checker }) {
  const declared = ts.createSourceFile('a.d.ts', text, ts.ScriptTarget.Latest, true)
  const parts = declared.statements.map((statement) => {
    const isNamed = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
    if (!namesZod(statement)) return statement.getFullText()
    return isNamed ? written(statement, { source, checker }) : ''
  })
  return `${parts.join('').trimStart()}\n`
}

/** An import of it, or its namespace in a type. @param {ts.Node} node @returns {boolean} */
function namesZod(node) {
  if (ts.isIdentifier(node) && node.text === 'z') return true
  return ts.forEachChild(node, (child) => namesZod(child) || undefined) ?? false
}

/** @param {ts.InterfaceDeclaration | ts.TypeAliasDeclaration} statement @param {Origin} origin */
function written(statement, { source, checker }) {
  const own = source.statements.find(
    (other) =>
      other.kind === statement.kind && /** @type {typeof statement} */ (other).name.text === statement.name.text,
  )
  if (!own) throw new Error(`expected ${statement.name.text} in ${source.fileName}, found none`)
  const inferred = inferredIn(own).map((node) => literal(checker.getTypeAtLocation(node), { checker, at: own }))
  const text = statement.getFullText()
  if (ts.isTypeAliasDeclaration(statement)) return replaced(text, inferredIn(statement), statement, inferred)
  const head = text.slice(
    0,
    /** @type {ts.NodeArray<ts.Node>} */ (statement.heritageClauses).pos - statement.getFullStart(),
  )
  return `${head} ${inferred.join(' & ')}`
}

/** z.output<…> and z.infer<…>, outermost first found. @param {ts.Node} node @returns {ts.Node[]} */
function inferredIn(node) {
  const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isExpressionWithTypeArguments(node) && node.expression
  if (name && /^z\.(output|infer)$/.test(name.getText())) return [node]
  /** @type {ts.Node[]} */
  const found = []
  ts.forEachChild(node, (child) => void found.push(...inferredIn(child)))
  return found
}

/** @param {string} text @param {ts.Node[]} nodes in it @param {ts.Node} whole @param {string[]} by */
function replaced(text, nodes, whole, by) {
  const start = whole.getFullStart()
  return nodes.reduceRight(
    (result, node, i) => result.slice(0, node.getStart() - start) + by[i] + result.slice(node.getEnd() - start),
    text,
  )
}

/** @typedef {{ checker: ts.TypeChecker, at: ts.Node, indent?: string }} Place */

/** A type with everything in it that has no name. @param {ts.Type} type @param {Place} place @returns {string} */
function literal(type, { checker, at, indent = '' }) {
  const inside = { checker, at, indent: `${indent}    ` }
  const plain = () => checker.typeToString(type, at, ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias)
  if (type.isUnion() && type.types.some((member) => isAnonymous(member, checker)))
    return undefinedLast(type.types)
      .map((part) => literal(part, { checker, at, indent }))
      .join(' | ')
      .replace('false | true', 'boolean')
  if (!isAnonymous(type, checker)) return plain()
  if (checker.isArrayType(type)) {
    const [element] = checker.getTypeArguments(/** @type {ts.TypeReference} */ (type))
    const text = literal(/** @type {ts.Type} */ (element), { checker, at, indent })
    return element?.isUnion() ? `(${text})[]` : `${text}[]`
  }
  const members = checker.getPropertiesOfType(type).map((property) => member(property, inside))
  const indices = checker
    .getIndexInfosOfType(type)
    .map(
      ({ keyType, type: value }) =>
        `${inside.indent}[key: ${checker.typeToString(keyType)}]: ${literal(value, inside)};\n`,
    )
  return `{\n${[...members, ...indices].join('')}${indent}}`
}

/** @param {ts.Type[]} types of a union */
const undefinedLast = (types) =>
  [false, true].flatMap((isLast) => types.filter(({ flags }) => ((flags & ts.TypeFlags.Undefined) !== 0) === isLast))

/** Objects without a name, and arrays of them. @param {ts.Type} type @param {ts.TypeChecker} checker @returns {boolean} */
function isAnonymous(type, checker) {
  if (checker.isArrayType(type)) {
    const [element] = checker.getTypeArguments(/** @type {ts.TypeReference} */ (type))
    if (!element) return false
    return (element.isUnion() ? element.types : [element]).some((part) => isAnonymous(part, checker))
  }
  const isNamed = type.aliasSymbol !== undefined && !/^(output|infer|Flatten)/.test(type.aliasSymbol.name)
  const isObject = (type.flags & ts.TypeFlags.Object) !== 0 && !type.isClassOrInterface() && !checker.isTupleType(type)
  return (isObject || type.isIntersection()) && !isNamed && type.getCallSignatures().length === 0
}

/** @param {ts.Symbol} property @param {Place & { indent: string }} place */
function member(property, { checker, at, indent }) {
  const comment = ts.displayPartsToString(property.getDocumentationComment(checker))
  const lines = comment.split('\n')
  const head = comment === '' ? '' : lines.length === 1 ? `${indent}/** ${comment} */\n` : commentOf(lines, indent)
  const name = /^[\w$]+$/.test(property.name) ? property.name : JSON.stringify(property.name)
  const mark = property.flags & ts.SymbolFlags.Optional ? '?' : ''
  return `${head}${indent}${name}${mark}: ${literal(checker.getTypeOfSymbolAtLocation(property, at), { checker, at, indent })};\n`
}

/** @param {string[]} lines @param {string} indent */
const commentOf = (lines, indent) =>
  `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`
