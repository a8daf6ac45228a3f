/** Results of several runs, as lines of JSON or as a table for people. */
import { type Result, rankOf } from './result.ts'
import { medianBy } from './statistics.ts'
import { priceVerdict } from './workloads/gas.ts'

export interface Summary {
  /** The run in the middle, by what runs are compared by. */
  readonly median: Result
  readonly runs: number
  /** Of what runs are compared by (`rankOf`). */
  readonly min: number
  readonly max: number
}

/** One summary for each workload of each node, in the order of their first results. */
export const summarise = (results: readonly Result[]): Summary[] =>
  [...Map.groupBy(results, ({ node, workload }) => `${node} ${workload}`).values()].map(runs => {
    const ranks = runs.map(rankOf)
    return {
      median: medianBy(runs, rankOf),
      runs: runs.length,
      min: Math.min(...ranks),
      max: Math.max(...ranks),
    }
  })

/** Four significant digits are more than a measurement holds. */
const round = (value: number): number => Number(value.toPrecision(value >= 1_000 ? 6 : 4))

/** For `JSON.stringify`. */
export const roundFigure = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? round(value) : value

export const toJsonLine = (
  { median, runs, min, max }: Summary,
  machine: Readonly<Record<string, string | number>>,
): string => JSON.stringify({ ...median, runs, min, max, ...machine }, roundFigure)

export const show = (value: number | undefined): string => {
  if (value === undefined) return ''
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)}M`
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

const COLUMNS: readonly { readonly title: string; readonly of: (summary: Summary) => string }[] = [
  {
    title: 'workload',
    of: ({ median: { node, workload } }) => (node === undefined ? workload : `${node} ${workload}`),
  },
  { title: 'n', of: ({ median }) => show(median.n) },
  { title: 'rate', of: ({ median }) => show(median.rate) },
  { title: 'unit', of: ({ median }) => median.unit },
  { title: 'min–max', of: ({ min, max, runs }) => (runs > 1 ? `${show(min)}–${show(max)}` : '') },
  { title: 'seconds', of: ({ median }) => show(median.seconds) },
  { title: 'p50 ms', of: ({ median }) => show(median.p50_ms) },
  { title: 'p99 ms', of: ({ median }) => show(median.p99_ms) },
  { title: 'RSS MB', of: ({ median }) => show(median.rss_mb) },
  { title: 'disk MB', of: ({ median }) => show(median.disk_mb) },
  { title: 'CPU s node', of: ({ median }) => show(median.cpu_node_s) },
  { title: 'main', of: ({ median }) => show(median.cpu_main_s) },
  { title: 'driver', of: ({ median }) => show(median.cpu_driver_s) },
  { title: 'others', of: ({ median }) => show(median.others_cpus) },
  { title: 'blocks', of: ({ median }) => show(median.blocks) },
  {
    title: 'more',
    of: ({
      median: {
        us_per_tx,
        bytes_per_tx,
        messages_per_block,
        bytes_per_block,
        slowest_quorum_ms,
        node_start_ms,
        first_block_ms,
        idle_rss_mb,
        subscribed_rss_mb,
        slow_down,
        commit_p50_ms,
        proof_bytes,
        bytes_per_account,
        cpu_per_node,
        bytes_per_link_s,
        consensus_bytes_per_link_s,
        gossip_copies,
        gossip_repeats_per_1000,
        block_bytes,
        peers,
        gas,
        ns_per_gas,
        rate_of_sixths,
        rss_mb_of_sixths,
      },
    }) =>
      [
        commit_p50_ms === undefined ? [] : [`commit ${show(commit_p50_ms)} ms`],
        proof_bytes === undefined ? [] : [`${show(proof_bytes)} bytes a proof`],
        bytes_per_account === undefined ? [] : [`${show(bytes_per_account)} bytes an account`],
        cpu_per_node === undefined ? [] : [`${show(cpu_per_node)} CPUs a node`],
        bytes_per_link_s === undefined ? [] : [`${show(bytes_per_link_s)} bytes/s a link`],
        consensus_bytes_per_link_s === undefined
          ? []
          : [`${show(consensus_bytes_per_link_s)} of them consensus`],
        gossip_copies === undefined ? [] : [`${show(gossip_copies)} copies by gossip`],
        gossip_repeats_per_1000 === undefined ? [] : [`${show(gossip_repeats_per_1000)} of 1000 again`],
        block_bytes === undefined ? [] : [`${show(block_bytes)} bytes a block`],
        peers === undefined ? [] : [`${peers} peers`],
        gas === undefined ? [] : [`${gas.toLocaleString('en-US')} gas`],
        ns_per_gas === undefined
          ? []
          : [`${ns_per_gas.toFixed(3)} ns/gas`, priceVerdict(ns_per_gas)?.toUpperCase() ?? []].flat(),
        slow_down === undefined ? [] : [`${slow_down.toFixed(3)} x raw`],
        messages_per_block === undefined ? [] : [`${show(messages_per_block)} messages/block`],
        bytes_per_block === undefined ? [] : [`${show(bytes_per_block)} bytes/block`],
        slowest_quorum_ms === undefined ? [] : [`slowest quorum ${show(slowest_quorum_ms)} ms one way`],
        us_per_tx === undefined ? [] : [`${show(us_per_tx)} µs/tx`],
        bytes_per_tx === undefined ? [] : [`${show(bytes_per_tx)} bytes/tx`],
        node_start_ms === undefined ? [] : [`node ${show(node_start_ms)} ms`],
        first_block_ms === undefined ? [] : [`first block ${show(first_block_ms)} ms`],
        rate_of_sixths === undefined ? [] : [`by sixths ${rate_of_sixths.map(show).join(' ')}`],
        rss_mb_of_sixths === undefined ? [] : [`RSS ${rss_mb_of_sixths.map(show).join(' ')} MB`],
        idle_rss_mb === undefined ? [] : [`idle RSS ${show(idle_rss_mb)} MB`],
        subscribed_rss_mb === undefined ? [] : [`with subscribers ${show(subscribed_rss_mb)} MB`],
      ]
        .flat()
        .join(', '),
  },
]

/** A line of titles and one for each row; what is no text is aligned at its end. */
export const alignColumns = (
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  texts: readonly string[],
): string => {
  const lines = [titles, ...rows]
  const widths = titles.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  return lines
    .map(line =>
      line
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return texts.includes(titles[column] ?? '') ? cell.padEnd(width) : cell.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const formatTable = (summaries: readonly Summary[]): string =>
  alignColumns(
    COLUMNS.map(({ title }) => title),
    summaries.map(summary => COLUMNS.map(({ of }) => of(summary))),
    ['workload', 'unit', 'more'],
  )
