/** How long a node is busy with a module that somebody sends it. */
import { decodeAndValidate } from '../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../vm/host-table.ts'
import { instrument } from '../../vm/instrument.ts'
import type { WasmModule } from '../../vm/module.ts'
import { ProfileError } from '../../vm/profile.ts'

/** No module may keep a node busier than this, from bytes to machine code. */
export const CEILING_MS = 250
/** Of a call that one person watches: nothing of a block waits for it. */
export const OBSERVED_CEILING_MS = 3 * CEILING_MS

export interface Measured {
  readonly bytes: number
  /** Why the module is refused. */
  readonly refusal: string | undefined
  readonly instrumentedBytes: number
  readonly decodeMs: number
  readonly instrumentMs: number
  /** By the tiers that the engine was started with, all functions at once. */
  readonly compileMs: number
}

export function totalMs({ decodeMs, instrumentMs, compileMs }: Measured): number {
  return decodeMs + instrumentMs + compileMs
}

/** The fastest of a few attempts, what else the machine does being not the module's; no more once `enoughMs` is met. */
export function measure(
  code: Uint8Array,
  { attempts = 3, enoughMs = 0, meter = (module: WasmModule) => instrument(module) } = {},
): Measured {
  let best = measureOnce(code, meter)
  for (let i = 1; i < attempts && totalMs(best) > enoughMs; i++) {
    const next = measureOnce(code, meter)
    if (totalMs(next) < totalMs(best)) best = next
  }
  return best
}

/** The compiler runs each time: the engine remembers modules by their bytes, so these differ in an unused section. */
let nonce = 0
function unseen(code: Uint8Array): Uint8Array<ArrayBuffer> {
  const mark = [0, 6, 1, 0x75, ...new Uint8Array(Uint32Array.of(nonce++).buffer)]
  return Uint8Array.from([...code, ...mark])
}

function measureOnce(code: Uint8Array, meter: (module: WasmModule) => Uint8Array): Measured {
  const start = performance.now()
  let decoded = start
  try {
    const module = decodeAndValidate(code, HOST_IMPORT_TYPES)
    decoded = performance.now()
    const metered = meter(module)
    const instrumented = performance.now()
    const bytes = unseen(metered)
    const compiling = performance.now()
    // oxlint-disable-next-line no-new -- compiling is what is measured
    new WebAssembly.Module(bytes)
    return {
      bytes: code.length,
      refusal: undefined,
      instrumentedBytes: metered.length,
      decodeMs: decoded - start,
      instrumentMs: instrumented - decoded,
      compileMs: performance.now() - compiling,
    }
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error
    const end = performance.now()
    const decodeMs = (decoded === start ? end : decoded) - start
    return {
      bytes: code.length,
      refusal: error.message,
      instrumentedBytes: 0,
      decodeMs,
      instrumentMs: decoded === start ? 0 : end - decoded,
      compileMs: 0,
    }
  }
}
