/** What the cryptography of consensus takes on this machine, one operation at a time, in this process. */
import {
  blsAggregate,
  blsPublicKeyOf,
  blsSecretKeyFromSeed,
  blsSign,
  blsVerify,
  blsVerifyAggregate,
} from '../../../node/crypto/bls.ts'
import { portableBls } from '../../../node/crypto/bls-portable.ts'
import { ecvrfProve, ecvrfVerify } from '#ecvrf'
import * as portableEcvrf from '../../../node/crypto/ecvrf.ts'
import { publicKeyOf } from '../../../node/crypto/ed25519.ts'
import { sha256Bytes as portableSha256 } from '../../../node/crypto/sha256-portable.ts'
import { sha256Latin1 } from '../../../node/state/tree-node.ts'
import { compileKernel, type Kernel, rawKernel } from '../kernels.ts'
import type { Result } from '../result.ts'
import type { RunOptions } from '../session.ts'
import { percentile } from '../statistics.ts'

const DEFAULT_N = 200
const WARM_UP = 20
const MANY = 100
const HASHES = 1_000
/** Of SHA-256, for 80 bytes and the padding. */
const BLOCKS = 2
const MB = 1_000_000

const secret = (n: number): Uint8Array =>
  blsSecretKeyFromSeed(new Uint8Array(32).fill(n % 251).fill(n >> 3, 8))

/** Each takes the number of its run, so that nothing is answered from memory. */
const createOperations = (wasmSha256: Kernel): Readonly<Record<string, (run: number) => unknown>> => {
  const message = (run: number): Uint8Array => Buffer.from(`vote ${run}`)
  const [vrfSecret, blsSecret] = [new Uint8Array(32).fill(9), secret(1)]
  const [vrfKey, blsKey] = [publicKeyOf(vrfSecret), blsPublicKeyOf(blsSecret)]
  const proof = ecvrfProve(vrfSecret, message(0))
  const signature = blsSign(blsSecret, message(0))
  const secrets = Array.from({ length: MANY }, (_, n) => secret(n + 1))
  const keys = secrets.map(blsPublicKeyOf)
  const signatures = secrets.map(each => blsSign(each, message(0)))
  const aggregate = blsAggregate(signatures)
  // What the state tree hashes most: two hashes behind a prefix.
  const pair = new Uint8Array(80)
  const many = (hash: () => unknown) => () => {
    for (let i = 0; i < HASHES; i++) hash()
  }
  return {
    [`sha256-${HASHES}`]: many(() => sha256Latin1(pair)),
    [`sha256-${HASHES}-portable`]: many(() => portableSha256(pair)),
    // Block after block, with nothing to copy: less than it would have to do.
    [`sha256-${HASHES}-wasm`]: () => wasmSha256(BLOCKS * HASHES),
    'vrf-prove': run => ecvrfProve(vrfSecret, message(run)),
    'vrf-verify': () => ecvrfVerify(vrfKey, message(0), proof),
    'vrf-prove-portable': run => portableEcvrf.ecvrfProve(vrfSecret, message(run)),
    'vrf-verify-portable': () => portableEcvrf.ecvrfVerify(vrfKey, message(0), proof),
    'vrf-verify-tai': () => ecvrfVerify(vrfKey, message(0), proof, 'TAI'),
    'vrf-output': () => portableEcvrf.ecvrfProofToHash(proof),
    'bls-sign': run => blsSign(blsSecret, message(run)),
    'bls-verify': () => blsVerify(blsKey, message(0), signature),
    [`bls-aggregate-${MANY}`]: () => blsAggregate(signatures),
    [`bls-verify-aggregate-${MANY}`]: () => blsVerifyAggregate(keys, message(0), aggregate),
    'bls-verify-portable': () => portableBls.verify(blsKey, message(0), signature),
    [`bls-verify-aggregate-${MANY}-portable`]: () => portableBls.verifyAggregate(keys, message(0), aggregate),
  }
}

export const runCrypto = async (options: RunOptions): Promise<Result[]> => {
  const n = options.n ?? DEFAULT_N
  const wasmSha256 = rawKernel(await compileKernel('sha256'))
  return Object.entries(createOperations(wasmSha256)).map(([name, operation]) => {
    options.signal.throwIfAborted()
    for (let run = 1; run <= WARM_UP; run++) operation(run)
    const times: number[] = []
    const cpu = process.cpuUsage()
    for (let run = 1; run <= n; run++) {
      const startedMs = performance.now()
      operation(WARM_UP + run)
      times.push(performance.now() - startedMs)
    }
    const { user, system } = process.cpuUsage(cpu)
    const seconds = times.reduce((sum, ms) => sum + ms, 0) / 1e3
    return {
      workload: name,
      n,
      rate: n / seconds,
      unit: 'op/s',
      seconds,
      p50_ms: percentile(times, 0.5),
      p99_ms: percentile(times, 0.99),
      rss_mb: process.memoryUsage().rss / MB,
      disk_mb: 0,
      cpu_node_s: (user + system) / 1e6,
      cpu_driver_s: 0,
      cpu_main_s: (user + system) / 1e6,
    }
  })
}
