/**
 * `require(condition, error)` as an `if`: what makes the error, which may put a text together or fill an object, runs
 * only where the condition does not hold. The call that ends the contract's then has the place of the `require` in the
 * source; the functions that do it are kept whole, so that the place is not lost where Binaryen inlines them.
 */
import type { CallExpression, Program } from 'assemblyscript'
import * as assemblyscript from 'assemblyscript'
import { placed } from './author-places.ts'
import { callSdk, type Code, type Compiler, ReportMode, stepInto, UnaryOp } from './compiler-inside.ts'

const REQUIRE = '~lib/vex/errors/require'
/** Patterns of the names of functions that are not to be inlined. */
const KEPT_WHOLE = [
  '~lib/vex/errors/revert*',
  '~lib/vex/checked-products/*',
  // An index out of range ends the call in here. They are called where there is more than one such place anyway.
  '~lib/*#__get',
  '~lib/*#__set',
]

const enrolled = new WeakSet<Program>()
const isEnrolled = (program: Program): boolean => enrolled.has(program)

/** Has the errors of this program made late. To be called before it is compiled. */
export const deferErrors = (program: Program): void => void enrolled.add(program)

const isRequire = ({ resolver, currentFlow }: Compiler, { expression }: CallExpression): boolean => {
  const { void: nothing } = assemblyscript.Type
  const called = resolver.lookupExpression(expression, currentFlow, nothing, ReportMode.Swallow)
  return called?.internalName === REQUIRE
}

const requireOf = (compiler: Compiler, { args, range }: CallExpression): Code => {
  const { module } = compiler
  const [condition, error] = args
  const { bool, auto, void: nothing } = assemblyscript.Type
  if (condition === undefined || error === undefined) throw new Error('require takes two arguments')
  const holds = compiler.makeIsTrueish(compiler.compileExpression(condition, bool), compiler.currentType, condition)
  const flow = compiler.currentFlow
  // What happens on the way out is of no consequence for what follows.
  compiler.currentFlow = flow.fork()
  const made = compiler.compileExpression(error, auto)
  const revert = callSdk(compiler, 'errors/revert', [compiler.currentType], [made], range)
  compiler.currentFlow = flow
  compiler.currentType = nothing
  return module.if(module.unary(UnaryOp['EqzI32'], holds), revert)
}

stepInto('compileCallExpression', isEnrolled, (compiler, proceed, expression, type, constraints) => {
  const call = expression as CallExpression
  return call.args.length === 2 && isRequire(compiler, call)
    ? placed(compiler, call.range, () => requireOf(compiler, call))
    : proceed(expression, type, constraints)
})

stepInto('compile', isEnrolled, (_, proceed) => {
  const module = proceed()
  for (const pattern of KEPT_WHOLE) {
    module.setPassArgument('no-inline', pattern)
    module.runPasses(['no-inline'])
  }
  return module
})
