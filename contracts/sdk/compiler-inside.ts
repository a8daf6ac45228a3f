/**
 * The parts of AssemblyScript's compiler that this SDK steps into. They are not its public interface: the version is
 * pinned, and the tests of what is built on them would show a change.
 *
 * A step stands before a method of the compiler, on its prototype, and does nothing for programs that were not
 * enrolled: other uses of the compiler in the process are as they were.
 */
import * as assemblyscript from 'assemblyscript'
import type { Element, Expression, Flow, Function as Func, Node, Program, Range, Type } from 'assemblyscript'

/** A piece of Binaryen's code. */
export type Code = number
type CompileExpression = (expression: Expression, contextualType: Type, constraints: number) => Code
type MakeBinary = (left: Code, right: Code, type: Type) => Code

interface Mistake {
  readonly range: Range | null
  relatedRange: Range | null
}

export interface Compiler {
  readonly program: Program
  readonly diagnostics: readonly Mistake[]
  readonly module: CodeModule
  readonly options: { readonly sourceMap: boolean }
  readonly resolver: {
    resolveExpression(e: Expression, flow: Flow, contextualType: Type, reportMode: number): Type | null
    lookupExpression(e: Expression, flow: Flow, contextualType: Type, reportMode: number): Element | null
    resolveFunction(prototype: Element, typeArguments: readonly Type[] | null): Func | null
  }
  currentFlow: Flow
  currentType: Type
  compile(): CodeModule
  compileStatement(statement: Node, isLast?: boolean): Code
  compileExpression: (expression: Expression, contextualType: Type, constraints?: number) => Code
  compileBinaryExpression: CompileExpression
  compileUnaryPostfixExpression: CompileExpression
  compileUnaryPrefixExpression: CompileExpression
  compileCallExpression: CompileExpression
  compileNewExpression: CompileExpression
  compileForStatement(statement: Node): Code
  compileFunction(instance: Func): boolean
  convertExpression(code: Code, from: Type, to: Type, isExplicit: boolean, reportNode: Node): Code
  makeAdd: MakeBinary
  makeSub: MakeBinary
  makeMul: MakeBinary
  makePow(left: Code, right: Code, type: Type, reportNode: Node): Code
  makeIsTrueish(code: Code, type: Type, reportNode: Node): Code
  ensureSmallIntegerWrap(code: Code, type: Type): Code
  ensureStaticString(text: string): Code
  addDebugLocation(code: Code, range: Range): void
  error(diagnostic: number, range: Range, text: string): void
}

interface CodeModule {
  i32(value: number): Code
  i64(low: number, high: number): Code
  unary(operation: number | undefined, value: Code): Code
  binary(operation: number | undefined, left: Code, right: Code): Code
  local_get(index: number, type: number): Code
  local_set(index: number, value: Code, isManaged: boolean): Code
  local_tee(index: number, value: Code, isManaged: boolean): Code
  if(condition: Code, then: Code): Code
  block(label: null, children: readonly Code[], type: number): Code
  call(target: string, operands: readonly Code[], returns: number): Code
  runExpression(code: Code, flags: number): Code
  setPassArgument(key: string, value: string): void
  runPasses(passes: readonly string[]): void
}

type Enum<K extends string> = Readonly<Record<K, number>>
export const { BinaryOp, UnaryOp, ExpressionId, ExpressionRunnerFlags, TypeRef, Token, ReportMode, NodeKind } =
  assemblyscript as unknown as {
    BinaryOp: Readonly<Record<string, number>>
    UnaryOp: Readonly<Record<string, number>>
    ExpressionId: Enum<'Const'>
    ExpressionRunnerFlags: Enum<'PreserveSideeffects'>
    TypeRef: Enum<'None' | 'I32' | 'I64'>
    Token: Enum<
      | 'Plus_Plus'
      | 'Minus_Minus'
      | 'Minus'
      | 'LessThan'
      | 'GreaterThan'
      | 'Ampersand_Ampersand'
      | 'Equals'
      | 'Plus_Equals'
      | 'Minus_Equals'
      | 'Asterisk_Equals'
      | 'Asterisk_Asterisk_Equals'
      | 'Slash_Equals'
      | 'Percent_Equals'
      | 'LessThan_LessThan_Equals'
      | 'GreaterThan_GreaterThan_Equals'
      | 'GreaterThan_GreaterThan_GreaterThan_Equals'
      | 'Ampersand_Equals'
      | 'Bar_Equals'
      | 'Caret_Equals'
    >
    ReportMode: Enum<'Swallow'>
    NodeKind: Enum<'Binary' | 'UnaryPrefix' | 'UnaryPostfix' | 'Parenthesized' | 'Literal'>
  }
const { Compiler: compilerClass, DiagnosticCode } = assemblyscript as unknown as {
  Compiler: { prototype: Compiler }
  DiagnosticCode: Enum<'User_defined_0'>
}

type Method = {
  [K in keyof Compiler]: Compiler[K] extends (...args: never[]) => unknown ? K : never
}[keyof Compiler]

/**
 * Puts `step` before the compiler's `method`, for the programs that `isEnrolled` knows. It gets the compiler, the
 * method itself (`proceed`), and the method's arguments.
 */
export const stepInto = <M extends Method>(
  method: M,
  isEnrolled: (program: Program) => boolean,
  step: (
    compiler: Compiler,
    proceed: (...args: Parameters<Compiler[M]>) => ReturnType<Compiler[M]>,
    ...args: Parameters<Compiler[M]>
  ) => ReturnType<Compiler[M]>,
): void => {
  const { prototype } = compilerClass
  type Run = (this: Compiler, ...args: Parameters<Compiler[M]>) => ReturnType<Compiler[M]>
  const original = prototype[method] as unknown as Run
  const stepping: Run = function (...args) {
    const proceed = (...given: Parameters<Compiler[M]>): ReturnType<Compiler[M]> => original.apply(this, given)
    return isEnrolled(this.program) ? step(this, proceed, ...args) : proceed(...args)
  }
  Object.assign(prototype, { [method]: stepping })
}

/** Does `work`, which compiles something else, and goes on with what the compiler was at. */
export const aside = <T>(compiler: Compiler, work: () => T): T => {
  const { currentFlow, currentType } = compiler
  const result = work()
  compiler.currentFlow = currentFlow
  compiler.currentType = currentType
  return result
}

/** A call of a function of the SDK (`errors/revert`) that returns nothing or, with `returns`, a value. */
export const callSdk = (
  compiler: Compiler,
  name: string,
  typeArguments: readonly Type[] | null,
  operands: readonly Code[],
  range: Range,
  returns = TypeRef.None,
): Code => {
  const prototype = compiler.program.elementsByName.get(`~lib/vex/${name}`)
  const instance = prototype === undefined ? null : compiler.resolver.resolveFunction(prototype, typeArguments)
  if (instance === null) throw new Error(`the SDK has no function ${name} to compile a contract with`)
  aside(compiler, () => compiler.compileFunction(instance))
  const call = compiler.module.call(instance.internalName, operands, returns)
  if (compiler.options.sourceMap) compiler.addDebugLocation(call, range)
  return call
}

/** Tells the author what is wrong at `range`. */
export const complain = (compiler: Compiler, range: Range, message: string): void =>
  compiler.error(DiagnosticCode.User_defined_0, range, message)
