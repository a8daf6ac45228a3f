/** The payments of signing.ts as Ethereum transactions: the same senders, amounts and turns, recipients cut to 20 bytes. */
import { type BenchAccount, SENDERS, senderAccounts } from '../genesis.ts'
import { paymentAt } from '../signing.ts'
import { CHAIN_ID, FEES } from './anvil.ts'
import { deployedAddress } from './anvil-contracts.ts'
import { callData, type Hex, signTransaction, toHex } from './ethereum.ts'

const ADDRESS_BYTES = 20
const TRANSFER_GAS = 21_000n
const TOKEN_GAS = 80_000n

export interface EthereumPayment {
  readonly hash: Hex
  readonly raw: Hex
  /** 0 … senders - 1. */
  readonly sender: number
  readonly to: Hex
  readonly amount: bigint
}

export type PaymentKind = 'transfers' | 'token'

const signPayment = (kind: PaymentKind, index: number, senders: readonly BenchAccount[]): EthereumPayment => {
  const { to: recipient, amount } = paymentAt(kind, index)
  const to = toHex(recipient.subarray(0, ADDRESS_BYTES))
  const sender = index % SENDERS
  const signed = signTransaction((senders[sender] as BenchAccount).secretKey, {
    ...FEES,
    chainId: CHAIN_ID,
    nonce: BigInt(Math.floor(index / SENDERS)),
    ...(kind === 'transfers'
      ? { to, value: amount, data: '0x', gasLimit: TRANSFER_GAS }
      : {
          to: deployedAddress(),
          value: 0n,
          data: callData('transfer(address,uint256)', to, amount),
          gasLimit: TOKEN_GAS,
        }),
  })
  return { ...signed, sender, to, amount }
}

/** Signed once in this process; the first of a longer list are those of a shorter one. */
const remembered: Readonly<Record<PaymentKind, EthereumPayment[]>> = { transfers: [], token: [] }

export const signEthereumPayments = (kind: PaymentKind, n: number): EthereumPayment[] => {
  const known = remembered[kind]
  const senders = senderAccounts()
  while (known.length < n) known.push(signPayment(kind, known.length, senders))
  return known.slice(0, n)
}
