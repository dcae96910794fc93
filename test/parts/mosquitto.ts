// A real Mosquitto on loopback in a folder of its own.
import { rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { ServerProcess } from './server-process.ts'
import { freePort, temporaryFolder } from './wait.ts'

export interface MosquittoOptions {
  port?: number
  dir?: string
  /** Keeps sessions and queued messages in the folder, with Mosquitto's own habits of saving. */
  persistence?: boolean
  /** PEM files; clients must show a certificate signed by the ca, and its common name is their user name. */
  tls?: { ca: string; cert: string; key: string }
  /** The text of an ACL file. */
  acl?: string
  /** max_queued_messages; Mosquitto's own default is 1000. */
  maxQueued?: number
  /** max_inflight_messages; Mosquitto's own default is 20. */
  maxInFlight?: number
}

export interface Mosquitto extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly dir: string
  readonly pid: number
  /** What it wrote last. */
  readonly output: string
  /** Resolves when it is gone; SIGSTOP and SIGCONT only freeze and wake it. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts again on the same port and folder, after a kill or in place of the running one. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startAt(options.port ?? (await freePort()), options)
    } catch (error) {
      if (options.port !== undefined || attempt === 5) throw error
    }
  }
}

async function startAt(port: number, options: MosquittoOptions): Promise<Mosquitto> {
  const dir = options.dir ?? (await temporaryFolder())
  const file = join(dir, 'mosquitto.conf')
  if (options.acl !== undefined) await writeFile(join(dir, 'acl'), options.acl, { mode: 0o600 })
  await writeFile(file, configuration(port, dir, options))
  const server = new ServerProcess({ command: '/usr/sbin/mosquitto', arguments: ['-c', file], answers: () => accepts(port) })
  await server.start()
  const stop = async () => {
    await server.kill('SIGTERM')
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true })
  }
  return {
    port,
    url: `${options.tls === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`,
    dir,
    get pid() {
      return server.pid
    },
    get output() {
      return server.output
    },
    kill: (signal = 'SIGKILL') => server.kill(signal),
    restart: () => server.restart(),
    stop,
    [Symbol.asyncDispose]: stop
  }
}

function configuration(port: number, dir: string, { tls, acl, persistence, maxQueued, maxInFlight }: MosquittoOptions): string {
  return [
    `listener ${port} 127.0.0.1`,
    // Started by root it would become another user, who may not read the folder.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    'log_type error',
    'log_type warning',
    ...(tls === undefined
      ? ['allow_anonymous true']
      : [
          `cafile ${tls.ca}`,
          `certfile ${tls.cert}`,
          `keyfile ${tls.key}`,
          'require_certificate true',
          'use_identity_as_username true',
          'allow_anonymous false'
        ]),
    ...(acl === undefined ? [] : [`acl_file ${join(dir, 'acl')}`]),
    ...(persistence === true ? ['persistence true', `persistence_location ${dir}/`] : []),
    ...(maxQueued === undefined ? [] : [`max_queued_messages ${maxQueued}`]),
    ...(maxInFlight === undefined ? [] : [`max_inflight_messages ${maxInFlight}`]),
    ''
  ].join('\n')
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
