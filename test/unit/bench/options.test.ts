import { describe, expect, it } from 'vitest'
import { BenchError } from '../../bench/error.ts'
import { parseOptions, WORKLOAD_NAMES } from '../../bench/options.ts'

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
    expect(refusal('--n', '0')).toContain('--n must be a whole number from 1 to')
    expect(refusal('--n', '1e3')).toContain('"1e3"')
    expect(refusal('--runs', '-1')).toContain('--runs')
    expect(refusal('--turbo')).toContain('--turbo')
    expect(refusal('transfers')).toContain('transfers')
  })
})
