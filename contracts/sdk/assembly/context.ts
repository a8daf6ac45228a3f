/** What a contract may know about the call it is in. */
import { Address } from './address'
import * as env from './env'
import { takeRegister } from './register'

/** Who made this call: an account, or the contract that calls. Cost: about 400 gas. */
export function caller(): Address {
  const address = new Address()
  env.caller(address.pointer)
  return address
}

/** The account that signed the transaction. For who may do what, ask {@link caller}. Cost: about 400 gas. */
export function origin(): Address {
  const address = new Address()
  env.origin(address.pointer)
  return address
}

/** This contract. Cost: about 400 gas. */
export function self(): Address {
  const address = new Address()
  env.self(address.pointer)
  return address
}

/** Units that came with the call; this contract already holds them. Cost: about 110 gas. */
export function value(): u64 {
  return env.value()
}

/** The height of the block. Cost: about 110 gas. */
export function blockHeight(): u64 {
  return env.height()
}

/** Time of the block in milliseconds since 1970; the same for every call in a block. Cost: about 110 gas. */
export function blockTimeMs(): u64 {
  return env.time_ms()
}

/** The name of the chain, in what is signed for one chain alone. Cost: about 1,600 gas. */
export function chainId(): string {
  return String.UTF8.decode(takeRegister(env.chain_id()))
}

/** Gas that this call may still use. Cost: about 110 gas. */
export function gasLeft(): u64 {
  return env.gas_left()
}

/** Units that `address` holds. Cost: about 10,000 gas. */
export function balanceOf(address: Address): u64 {
  return env.balance_of(address.pointer)
}

/**
 * 32 bytes that differ on each call, from the VRF proofs of the block's leader and of all before it. Nobody can choose
 * what this contract gets, and nobody knows it before the block is there, but for the block's leader, who can leave the
 * transaction to the next leader, whose number is another.
 *
 * Only where an account calls the contract by itself: in a batch, or called by a contract, it fails with
 * `undoable_draw`. What is still the sender's are the gas limit and the deposit: keep the number in a field, whatever it
 * is, and act on it in a later call. Then no draw can fail because of what was drawn. Cost: about 5,400 gas.
 */
export function randomness(): Uint8Array {
  const bytes = new Uint8Array(32)
  env.randomness(bytes.dataStart)
  return bytes
}
