/** Loaded before a command that is measured: tells what it has used, through a pipe, when it ends. */
import { writeSync } from 'node:fs'
import type { CommandUsage } from './command.ts'

const USAGE_PIPE = 3

process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  const usage: CommandUsage = {
    cpuSeconds: (user + system) / 1e6,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
  writeSync(USAGE_PIPE, JSON.stringify(usage))
})
