/** Loaded before everything else of a node: its wall clock is off by CLOCK_OFFSET_MS. */
const offsetMs = Number(process.env['CLOCK_OFFSET_MS'] ?? 0)
const now = Date.now.bind(Date)
Date.now = () => now() + offsetMs
