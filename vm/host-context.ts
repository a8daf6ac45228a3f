/** Host functions that say where a call stands: who, what, when. */
import { define, type HostFunction } from './host-function.ts'
import { PRICE } from './host-prices.ts'

const utf8 = new TextEncoder()
const asI64 = (value: bigint): bigint => BigInt.asIntN(64, value)

export const CONTEXT_FUNCTIONS: readonly HostFunction[] = [
  define({
    name: 'input',
    params: [],
    result: 'i32',
    gas: { base: PRICE.contextBytes },
    since: 1,
    doc: 'Puts the call’s arguments into the register and returns their length.',
    run: frame => frame.toRegister(frame.args),
  }),
  define({
    name: 'register_read',
    params: ['i32'],
    gas: { base: PRICE.registerRead, perByte: PRICE.copyByte, bytes: 'the register' },
    since: 1,
    doc: 'register_read(ptr): copies the register to memory at ptr. The register keeps its contents.',
    run(frame, pointer) {
      frame.chargeBytes(frame.register.length)
      frame.write(pointer, frame.register)
    },
  }),
  define({
    name: 'register_len',
    params: [],
    result: 'i32',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Bytes in the register.',
    run: frame => frame.register.length,
  }),
  define({
    name: 'caller',
    params: ['i32'],
    gas: { base: PRICE.contextBytes },
    since: 1,
    doc: 'caller(ptr): writes the 32-byte address of the account or contract that made this call.',
    run: (frame, pointer) => frame.write(pointer, frame.host.context.caller),
  }),
  define({
    name: 'origin',
    params: ['i32'],
    gas: { base: PRICE.contextBytes },
    since: 1,
    doc: 'origin(ptr): writes the 32-byte address of the account that signed the transaction.',
    run: (frame, pointer) => frame.write(pointer, frame.host.context.origin),
  }),
  define({
    name: 'self',
    params: ['i32'],
    gas: { base: PRICE.contextBytes },
    since: 1,
    doc: 'self(ptr): writes the 32-byte address of the running contract.',
    run: (frame, pointer) => frame.write(pointer, frame.host.context.self),
  }),
  define({
    name: 'value',
    params: [],
    result: 'i64',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Units sent along with this call; the contract already has them.',
    run: frame => asI64(frame.host.context.value),
  }),
  define({
    name: 'height',
    params: [],
    result: 'i64',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Height of the block.',
    run: frame => asI64(frame.host.context.height),
  }),
  define({
    name: 'time_ms',
    params: [],
    result: 'i64',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Time of the block, in milliseconds since 1970.',
    run: frame => asI64(frame.host.context.timeMs),
  }),
  define({
    name: 'chain_id',
    params: [],
    result: 'i32',
    gas: { base: PRICE.chainId },
    since: 1,
    doc: 'Puts the chain id (UTF-8) into the register and returns its length.',
    run: frame => frame.toRegister(utf8.encode(frame.host.context.chainId)),
  }),
  define({
    name: 'gas_left',
    params: [],
    result: 'i64',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Gas left, after the price of asking.',
    run: frame => frame.gas,
  }),
  define({
    name: 'randomness',
    params: ['i32'],
    gas: { base: PRICE.randomness },
    since: 1,
    doc:
      'randomness(out): writes 32 bytes that differ on each call; no other contract can change or see beforehand what ' +
      'this one gets. They come from the VRF proofs of the leaders of this block and all before it. Fails in a batch ' +
      'and in a contract that another contract called: both could undo a draw that does not suit, and ask again.',
    run: (frame, out) => frame.write(out, frame.host.randomness()),
  }),
]
