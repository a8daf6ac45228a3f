import { describe, expect, it } from 'vitest'
import { BenchError } from '../../bench/error.ts'
import { parseOptions, TWIN_NAMES, WORKLOAD_NAMES } from '../../bench/options.ts'

/** Large states are made when asked for. */
const amongAll = WORKLOAD_NAMES.filter(name => !['snapshot', 'state', 'long', 'network'].includes(name))

describe('the benchmark’s command line', () => {
  it('measures everything three times unless told otherwise', () => {
    expect(parseOptions([])).toEqual({
      workloads: amongAll,
      n: undefined,
      runs: 3,
      isJson: false,
      timeoutSeconds: 120,
      profileDirectory: undefined,
      against: undefined,
      isHelp: false,
    })
  })

  it('takes one workload, several or all', () => {
    expect(parseOptions(['--workload', 'token']).workloads).toEqual(['token'])
    expect(parseOptions(['--workload=start,read']).workloads).toEqual(['start', 'read'])
    expect(parseOptions(['--workload', 'views', '--json'])).toMatchObject({
      workloads: ['views'],
      isJson: true,
    })
    expect(parseOptions(['--workload', 'all']).workloads).toEqual(amongAll)
    expect(parseOptions(['--workload', 'state', '--accounts', '10']).n).toBe(10)
    expect(parseOptions(['--workload', 'network'])).toMatchObject({ timeoutSeconds: 900 })
    expect(parseOptions(['--workload', 'network', '--timeout', '30'])).toMatchObject({ timeoutSeconds: 30 })
  })

  it('is held against a peer, five times, with all that has a twin', () => {
    expect(parseOptions(['--against', 'anvil'])).toMatchObject({
      workloads: TWIN_NAMES,
      against: { peer: 'anvil', binary: undefined, workloads: TWIN_NAMES },
      runs: 5,
      timeoutSeconds: 300,
    })
    const some = ['--against', 'anvil', '--anvil', 'bin/anvil', '--workload', 'long,views', '--runs', '1']
    expect(parseOptions(some)).toMatchObject({
      against: { binary: 'bin/anvil', workloads: ['long', 'views'] },
      runs: 1,
    })
  })

  it('refuses what it does not know, with what there is', () => {
    const refusal = (...args: string[]) => {
      try {
        parseOptions(args)
      } catch (error) {
        if (error instanceof BenchError && error.code === 'usage') return error.message
      }
      return undefined
    }
    expect(refusal('--workload', 'nothing')).toContain('there is no workload "nothing"; there are transfers')
    expect(refusal('--accounts', '5')).toContain('--accounts is for --workload snapshot or state')
    expect(refusal('--against', 'geth')).toContain('--against is anvil, not "geth"')
    expect(refusal('--against', 'anvil', '--workload', 'gas')).toContain(
      'there is no workload "gas" with --against anvil; there are transfers, token,',
    )
    expect(refusal('--anvil', 'x')).toContain('--anvil is for --against anvil')
    expect(refusal('--against', 'anvil', '--workload', 'network', '--validators', '4')).toContain(
      '--validators',
    )
    expect(refusal('--n', '0')).toContain('--n must be a whole number from 1 to')
    expect(refusal('--n', '1e3')).toContain('"1e3"')
    expect(refusal('--runs', '-1')).toContain('--runs')
    expect(refusal('--turbo')).toContain('--turbo')
    expect(refusal('transfers')).toContain('transfers')
  })
})
