// A real InfluxDB 1.x on loopback in a folder of its own.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerProcess } from './server-process.ts'
import { freePort, temporaryFolder } from './wait.ts'

export interface Influxd extends AsyncDisposable {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly pid: number
  readonly dir: string
  /** Resolves when it is gone; SIGSTOP and SIGCONT only freeze and wake it. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts again on the same port and folder, after a kill or in place of the running one. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startInfluxd(options: { dir?: string } = {}): Promise<Influxd> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startAt(await freePort(), await freePort(), options.dir)
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

async function startAt(port: number, rpcPort: number, given: string | undefined): Promise<Influxd> {
  const dir = given ?? (await temporaryFolder())
  const file = join(dir, 'influxdb.conf')
  await mkdir(dir, { recursive: true })
  await writeFile(file, configuration(port, rpcPort, dir))
  const url = `http://127.0.0.1:${port}`
  const server = new ServerProcess({
    command: '/usr/bin/influxd',
    arguments: ['run', '-config', file],
    answers: async () => (await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2000) })).status === 204
  })
  await server.start()
  const stop = async () => {
    await server.kill('SIGTERM')
    if (given === undefined) await rm(dir, { recursive: true, force: true })
  }
  return {
    url,
    host: '127.0.0.1',
    port,
    dir,
    get pid() {
      return server.pid
    },
    kill: (signal = 'SIGKILL') => server.kill(signal),
    restart: () => server.restart(),
    stop,
    [Symbol.asyncDispose]: stop
  }
}

function configuration(port: number, rpcPort: number, dir: string): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${join(dir, 'meta')}"
  logging-enabled = false
[data]
  dir = "${join(dir, 'data')}"
  wal-dir = "${join(dir, 'wal')}"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
[monitor]
  store-enabled = false
[continuous_queries]
  enabled = false
[logging]
  level = "error"
  suppress-logo = true
`
}
