import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  addressOf,
  callData,
  contractAddress,
  deployData,
  quantity,
  signTransaction,
} from '../../../bench/against/ethereum.ts'

/** Of Besu's published test account. */
const KEY = Buffer.from('8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63', 'hex')
const TO = '0x000000000000000000000000000000000000aaaa'

/** Besu's vectors for EIP-1559, as ethereumjs has them (packages/tx/test/json/eip1559.json), without the wrapping in a byte string. */
const SIGNED = [
  [
    { nonce: 819n, value: 43203529n, gasLimit: 35552n, maxPriorityFeePerGas: 75853n, maxFeePerGas: 121212n },
    '0x02f870821e8e8203338301284d8301d97c828ae094000000000000000000000000000000000000aaaa8402933bc980c080a0d067f2167008c59219652f91cbf8788dbca5f771f6e91e2b7657e85b78b472e0a01d305af9fe81fdba43f0dfcd400ed24dcace0a7e30d4e85701dcaaf484cd079e',
  ],
  [
    { nonce: 353n, value: 61901619n, gasLimit: 32593n, maxPriorityFeePerGas: 38850n, maxFeePerGas: 136295n },
    '0x02f86f821e8e8201618297c283021467827f5194000000000000000000000000000000000000aaaa8403b08b3380c001a004205678f13fc1d7b10feea6513dfa76e24418b6e08097d95c6f93a3b64e536da01d45ad61bfece43862de2cce7d2575a8c1d08c26c87f3cb5f26d7b0be54a91b2',
  ],
  [
    { nonce: 119n, value: 65456115n, gasLimit: 62341n, maxPriorityFeePerGas: 24721n, maxFeePerGas: 107729n },
    '0x02f86d821e8e778260918301a4d182f38594000000000000000000000000000000000000aaaa8403e6c7f380c001a0e38e239770801eb995498c821e55ac9c19ae09184bb27b34be105e02fe3b7615a067c64ca6bd6d9107e85fd581ab2e70a14b637eb36505bb40861ef9d6e800cab6',
  ],
] as const

describe('a client of Ethereum', () => {
  it('has the published addresses of a key, and of the contract that an account creates', () => {
    expect(addressOf(KEY)).toBe('0xfe3b557e8fb62b89f4916b721be55ceb828dbd73')
    // The example of the Yellow Paper's followers, Ethereum Stack Exchange 760.
    expect(contractAddress('0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0', 0n)).toBe(
      '0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d',
    )
    expect(contractAddress('0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0', 1n)).toBe(
      '0x343c43a37d37dff08ae8c4a11544c718abb4fcf8',
    )
  })

  it.each(SIGNED)('signs the published transaction %#', (fields, raw) => {
    expect(signTransaction(KEY, { ...fields, chainId: 7822n, to: TO, data: '0x' }).raw).toBe(raw)
  })

  it('calls a method by its selector, with a word for each argument', () => {
    const address = `0x${'ab'.repeat(20)}` as const
    expect(callData('transfer(address,uint256)', address, 255n)).toBe(
      `0xa9059cbb${'00'.repeat(12)}${'ab'.repeat(20)}${'00'.repeat(31)}ff`,
    )
    expect(deployData('0x6001', 2n)).toBe(`0x6001${'00'.repeat(31)}02`)
    expect(quantity(0n)).toBe('0x0')
    expect(quantity(1_024n)).toBe('0x400')
  })

  it('finds the methods that it calls in the compiled contracts', () => {
    const url = new URL('../../../fixtures/solidity/bytecode.json', import.meta.url)
    const { Token, Mix } = JSON.parse(readFileSync(url, 'utf8')) as { Token: string; Mix: string }
    for (const method of ['transfer(address,uint256)', 'balanceOf(address)'])
      expect(Token).toContain(callData(method).slice(2))
    expect(Mix).toContain(callData('mix(uint256)').slice(2))
  })
})
