/** A contract on the node's own rules and a database on disk, without blocks: where gas prices are measured. */
import { join } from 'node:path'
import { LayeredState } from '../../node/chain/layers.ts'
import { storageKey, storagePrefix } from '../../node/state/keys.ts'
import { Overlay } from '../../node/state/overlay.ts'
import type { StateChange } from '../../node/state/view.ts'
import { COLUMNS, type Database } from '../../node/storage/database.ts'
import { openRocksDatabase } from '../../node/storage/rocks.ts'
import { readAccount, writeAccount } from '../../node/transition/accounts.ts'
import { callContract, STACK_WORDS } from '../../node/transition/call.ts'
import { holdCode } from '../../node/transition/code.ts'
import { Execution } from '../../node/transition/execution.ts'
import { sha256, TAGS, taggedHash } from '../../node/crypto/hash.ts'
import { type Hash, toAddress, toHash, toLatin1, ZERO_HASH } from '../../node/types/primitives.ts'
import { createVm } from '../../vm/vm.ts'
import { contract } from '../unit/vm/run-wat.ts'
import { BenchError } from './error.ts'
import {
  CALLEE_AT,
  CODE_HASH_AT,
  DATA,
  type GasCase,
  METHODS,
  NAMES,
  STORED_ENTRIES,
  STORED_VALUE_BYTES,
} from './gas-cases.ts'

const SELF = toAddress(new Uint8Array(32).fill(0x51))
const CALLEE = toAddress(new Uint8Array(32).fill(0x52))
const SENDER = toAddress(new Uint8Array(32).fill(0x53))
const GAS_LIMIT = 1n << 50n
const STORED_VALUE = new Uint8Array(STORED_VALUE_BYTES).fill(9)

const CALLEE_CODE = contract(
  '',
  `(func (export "init")) (func (export "reverts") (call $revert (i32.const 0) (i32.const 0)))
   (func (export "aborts") (call $abort (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))`,
)
const CALLEE_HASH = taggedHash(TAGS.code, CALLEE_CODE)

const escaped = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('hex').replaceAll(/../g, String.raw`\$&`)

/** The loop of a case, in a function of its own: one region of gas for each time around. */
const codeOf = ({ times, statement, before = '', data = [] }: GasCase): Uint8Array =>
  contract(
    `(call $many)`,
    `(data (i32.const ${CALLEE_AT}) "${escaped(CALLEE)}") (data (i32.const ${CODE_HASH_AT}) "${escaped(CALLEE_HASH)}")
     (data (i32.const 128) "${NAMES}") (data (i32.const ${DATA}) "${escaped(Buffer.concat(data))}") (func $leaf)
     (func $many (local $n i32) (local $x i32) ${before} (local.set $n (i32.const ${times}))
       (loop $l ${statement} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))`,
  )

const place = (state: Overlay, at: typeof SELF, code: Uint8Array, balance: bigint): void => {
  const codeHash = taggedHash(TAGS.code, code)
  holdCode(state, codeHash, code)
  writeAccount(state, at, {
    ...readAccount(state, at),
    balance,
    contract: { codeHash, owner: undefined, storageBytes: 0n, deposit: 0n },
  })
}

export class GasChain {
  readonly #db: Database
  readonly #root: Hash
  readonly #vm = createVm()

  private constructor(db: Database, root: Hash) {
    this.#db = db
    this.#root = root
  }

  static async open(directory: string): Promise<GasChain> {
    const db = await openRocksDatabase(join(directory, 'db'))
    const state = new LayeredState(db)
    const changes: StateChange[] = Array.from({ length: STORED_ENTRIES }, (_, number) => {
      const key = new Uint8Array(4)
      new DataView(key.buffer).setUint32(0, number)
      return { key: storageKey(SELF, key), value: STORED_VALUE }
    })
    const layer = state.derive(undefined, 0n, changes)
    db.write(state.writes(layer), { sync: true })
    return new GasChain(db, layer.root)
  }

  close(): Promise<void> {
    return this.#db.close()
  }

  /** The time of one call that runs the case `times` times, on a state that nothing has read yet. */
  run(gasCase: GasCase): { ms: number; gas: bigint } {
    const layers = new LayeredState(this.#db)
    layers.open(0n, this.#root)
    const state = new Overlay(layers.base)
    place(state, SELF, codeOf(gasCase), 1n << 40n)
    place(state, CALLEE, CALLEE_CODE, 0n)
    const execution = new Execution({
      vm: this.#vm,
      block: { chainId: 'vex-gas', height: 1n, timeMs: 1n, randomness: toHash(sha256(ZERO_HASH)) },
      state,
      origin: SENDER,
    })
    const startMs = performance.now()
    const outcome = callContract(execution, {
      caller: SENDER,
      to: SELF,
      method: METHODS[0],
      args: new Uint8Array(0),
      value: 0n,
      gasLimit: GAS_LIMIT,
      stackLimit: STACK_WORDS,
      isStatic: false,
    })
    if (gasCase.withBlock === true) {
      // Not synced: a block waits for the disk once, whatever it writes.
      this.#db.write(layers.writes(layers.derive(undefined, 1n, state.changes())), { sync: false })
    }
    const ms = performance.now() - startMs
    if (gasCase.withBlock === true) this.#putBack(state)
    if (outcome.kind !== 'returned') {
      const why = outcome.kind === 'failed' ? outcome.message : 'it reverted'
      throw new BenchError('wrong_result', `${gasCase.name}: ${why}`)
    }
    return { ms, gas: outcome.gasUsed }
  }

  /** The stored entries as they were; the tree of block 0 is still there. */
  #putBack(state: Overlay): void {
    const own = toLatin1(storagePrefix(SELF))
    const changed = state.changes().filter(({ key }) => toLatin1(key).startsWith(own))
    this.#db.write(
      changed.map(({ key }) => ({ column: COLUMNS.state, key, value: STORED_VALUE })),
      { sync: false },
    )
  }
}
