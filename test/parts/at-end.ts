// What must not outlive the test process: children to kill, folders to remove.
const endings: (() => void)[] = []

process.on('exit', () => {
  for (const end of endings) end()
})
// vitest ends its workers with SIGTERM, which by itself passes the listeners of exit by.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))

export function atEnd(end: () => void): void {
  endings.push(end)
}
