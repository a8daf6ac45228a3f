import { describe, expect, it } from 'vitest'
import { GROWTH_BOUNDS, growthOf, growthProblems, type Sample } from '../../net/growth.ts'
import { slopeOf } from '../../net/slope.ts'

const MiB = 2 ** 20
const HALF_HOUR = 1_800
const OWN_BYTES_PER_BLOCK = 10_000

/** Every ten seconds; 4 blocks a second; `of` says what differs from a node that does not grow but by its chain. */
const run = (of: (seconds: number) => Partial<Sample> = () => ({}), seconds = HALF_HOUR): Sample[] =>
  Array.from({ length: seconds / 10 + 1 }, (_, i) => ({
    seconds: 10 * i,
    rssBytes: 300 * MiB,
    fileBytes: 40 * i * OWN_BYTES_PER_BLOCK,
    walBytes: MiB,
    height: 40 * i,
    ...of(10 * i),
  }))

const problems = (samples: readonly Sample[]): string[] =>
  growthProblems(growthOf(samples, []), OWN_BYTES_PER_BLOCK)

describe('the slope', () => {
  it('is that of the line with the least squares', () => {
    expect(slopeOf([0, 1, 2, 3].map(x => ({ x, y: 5 * x - 2 })))).toBeCloseTo(5)
    expect(
      slopeOf([
        { x: 0, y: 0 },
        { x: 1, y: 2 },
        { x: 2, y: 1 },
      ]),
    ).toBeCloseTo(0.5)
    expect(slopeOf([{ x: 1, y: 1 }])).toBeNaN()
  })
})

describe('a node under watch', () => {
  it('may grow by its chain', () => {
    const growth = growthOf(run(), [])
    expect(growth.diskBytesPerBlock).toBeCloseTo(OWN_BYTES_PER_BLOCK)
    expect(growth.blocksPerSecond).toBeCloseTo(4)
    expect(growth.rssMibPerHour).toBeCloseTo(0)
    expect(problems(run())).toEqual([])
  })

  it('may fill its caches in the first half', () => {
    expect(problems(run(seconds => ({ rssBytes: Math.min(seconds, HALF_HOUR / 2) * MiB })))).toEqual([])
  })

  it('may not leak memory', () => {
    const rest = GROWTH_BOUNDS.rssBytes / (HALF_HOUR / 2)
    expect(problems(run(seconds => ({ rssBytes: 1.1 * rest * seconds })))).toEqual([
      'its RSS grows by 282 MiB/h',
    ])
    expect(problems(run(seconds => ({ rssBytes: 0.9 * rest * seconds })))).toEqual([])
    expect(problems(run(seconds => ({ rssBytes: 10 * rest * seconds }), 300))).toEqual([])
  })

  it('may hold what RocksDB has not flushed yet, and no more of it than its write buffers', () => {
    const half = HALF_HOUR / 2
    const filling = (walBytes: number, rssBytes: number) =>
      problems(
        run(seconds => ({ walBytes: (walBytes * seconds) / half, rssBytes: (rssBytes * seconds) / half })),
      )
    expect(filling(60 * MiB, 150 * MiB)).toEqual([])
    expect(filling(60 * MiB, 200 * MiB)).toEqual(['its RSS grows by 800 MiB/h'])
    expect(filling(300 * MiB, 310 * MiB)).toEqual([])
    expect(filling(300 * MiB, 400 * MiB)).toEqual(['its RSS grows by 1600 MiB/h'])
  })

  it('may not leak in one of its threads', () => {
    const heap = Array.from({ length: 20 }, (_, i) => ({
      seconds: 90 * i,
      thread: i % 2,
      bytes: i % 2 === 0 ? 50 * MiB : 90 * i * 0.03 * MiB,
    }))
    expect(growthProblems(growthOf(run(), heap), OWN_BYTES_PER_BLOCK)).toEqual([
      'its heap grows by 108 MiB/h',
    ])
  })

  it('may not keep twice what its chain came to', () => {
    const twice = run(seconds => ({ fileBytes: 2 * 4 * seconds * 50_000 }))
    expect(growthProblems(growthOf(twice, []), 50_000)).toEqual([
      'its files grow by 400000 bytes/s, the chain by 200000',
    ])
    expect(problems(run(() => ({ walBytes: 800_000_000 })))).toEqual([
      "RocksDB's log of its last writes came to 800000000 bytes",
    ])
  })
})
