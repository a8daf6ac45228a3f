/**
 * What V8 is told in a process that runs a node, on top of what such a process is started with (cli/setup/process.mjs).
 *
 * - `heap-growing-percent`: left alone, V8 collects a whole heap when it has grown by a third, the more eagerly the busier
 *   the machine, and most often one that idle-memory.ts has just made small. While transactions stream in, a heap holds
 *   little for long: in a run of 10,000 transfers the two busy threads did seven such collections, a tenth of all CPU time.
 *   Now a heap may grow by 40 %. To twice what was alive takes 15 MB more, which come little by little, for each heap finds its
 *   size by what a full pool left alive, and 3 to 7 % less CPU.
 * - `invocation-count-for-turbofan`: V8's last compiler takes ten times as long as the one before, and 3,000 calls, after
 *   which it is asked, are a quarter of a second of load: what it makes came when a burst was over. After 100,000 calls it
 *   compiles what is hot for good, which makes a long load 10 % faster than without it.
 * - `no-wasm-lazy-compilation`: a contract is compiled when it is loaded, not function by function in the middle of its
 *   first calls.
 * - `no-wasm-code-gc`: V8 frees the code of a wrapper between Wasm and JavaScript together with a module that is gone
 *   already, and the process dies in NativeModule::FreeCode (rare, seen where several threads run Wasm). Code lives as
 *   long as its module.
 *
 * With each of them V8 distrusts all code that was compiled without it: what the compile cache keeps, and what Node brings of
 * its own modules. So they are set when all that a start needs is loaded. Node keeps what it compiles at once, under the flags of
 * that moment: what more than one thread loads is to be loaded by each on the same side of it.
 */
import { setFlagsFromString } from 'node:v8'

export const ENGINE_FLAGS = [
  '--heap-growing-percent=40',
  '--invocation-count-for-turbofan=100000',
  '--no-wasm-lazy-compilation',
  '--no-wasm-code-gc',
] as const

/** For all threads. Before any runs a contract. */
export const setEngineFlags = (): void => {
  for (const flag of ENGINE_FLAGS) setFlagsFromString(flag)
}
