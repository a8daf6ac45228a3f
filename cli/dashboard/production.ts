/** Imported before React: its other build checks every element, and notes each for a profiler that nobody has opened. */
process.env['NODE_ENV'] ||= 'production'
