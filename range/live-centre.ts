// The centre of a live run: a broker, and a collector as a process of its own, with accounts whose passwords are made at the start.
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Accounts } from '../collector/api/accounts.ts'
import { Sessions } from '../collector/api/sessions.ts'
import { Audit } from '../collector/audit.ts'
import { openCollectorDatabase } from '../collector/store/database.ts'
import type { BrokerKind } from './broker-kind.ts'
import type { ApiLogin } from './live-alerts.ts'
import { findMosquitto, type Login, startMosquitto } from './live-broker.ts'
import { LiveFault, LiveProcess, type LiveProcessOptions } from './live-process.ts'

export const PROGRAM = fileURLToPath(new URL('../penstock.js', import.meta.url))
const AGENT = 'edge-1'
const SESSION_MS = 12 * 3_600_000

export interface CentreOptions extends Pick<LiveProcessOptions, 'onLost'> {
  folder: string
  site: string
  /** Mosquitto where there is one, unless it is said which. */
  broker: BrokerKind | undefined
  signal: AbortSignal
}

export interface LiveCentre extends AsyncDisposable {
  kind: BrokerKind
  brokerPort: number
  agent: Login & { id: string }
  reader: ApiLogin
}

export async function startCentre(options: CentreOptions): Promise<LiveCentre> {
  const { folder, site, onLost, signal } = options
  await using parts = new AsyncDisposableStack()
  const agent = { id: AGENT, name: `${site}/${AGENT}`, password: password() }
  const own = { name: 'collector', password: password() }
  await secret(folder, 'agent-password', agent.password)
  await secret(folder, 'collector-password', own.password)
  const mosquitto = options.broker === 'embedded' ? undefined : await findMosquitto()
  if (mosquitto === undefined && options.broker === 'mosquitto')
    throw new LiveFault({
      zh: '本机没有 mosquitto：请安装，或使用 --broker embedded',
      en: 'there is no mosquitto on this machine: install it, or give --broker embedded'
    })
  const broker =
    mosquitto === undefined ? null : await startMosquitto({ command: mosquitto, folder, site, agent, collector: own, onLost, signal })
  if (broker !== null) parts.use(broker.process)

  const data = join(folder, 'collector')
  const reader = { name: 'range', password: password() }
  await makeAccounts(data, reader)
  const config = {
    data,
    language: 'en',
    broker:
      broker === null
        ? { mode: 'embedded', port: 0, agents: [{ site, agent: AGENT, password: { file: join(folder, 'agent-password') } }] }
        : {
            mode: 'external',
            url: `mqtt://127.0.0.1:${broker.port}`,
            username: own.name,
            password: { file: join(folder, 'collector-password') }
          },
    api: { port: 0 }
  }
  const file = join(folder, 'collector.yaml')
  // JSON is YAML in its flow style.
  await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  const words = [PROGRAM, 'collector', 'run', '-c', file]
  const collector = parts.use(
    new LiveProcess({ name: 'collector', command: process.execPath, words, log: join(folder, 'collector.log'), onLost })
  )
  const listens = /"url":"(http:[^"]+)".*"The API listens\."/
  const joins = broker === null ? /"port":(\d+).*"The embedded broker is listening\."/ : /"Connected to the broker\."/
  const [api, joined] = await collector.start([listens, joins], signal)
  const brokerPort = broker?.port ?? Number(joined?.[1])
  const keep = parts.move()
  return {
    ...{ kind: broker === null ? 'embedded' : 'mosquitto', brokerPort, agent, reader: { ...reader, url: api?.[1] ?? '' } },
    [Symbol.asyncDispose]: () => keep.disposeAsync()
  }
}

// Before the collector starts, so that no password is ever printed or changed by hand.
async function makeAccounts(data: string, reader: Login): Promise<void> {
  await mkdir(data, { recursive: true, mode: 0o700 })
  const database = openCollectorDatabase({ file: join(data, 'collector.db') })
  try {
    const sessions = new Sessions({ database, idleMs: SESSION_MS, absoluteMs: SESSION_MS, onRevoked: () => {} })
    const accounts = new Accounts({ database, audit: new Audit({ database }), sessions })
    await accounts.ensure({ ...reader, role: 'auditor' })
    await accounts.ensure({ name: 'admin', role: 'system-administrator', password: password() })
  } finally {
    database.close()
  }
}

export const password = (): string => randomBytes(15).toString('base64url')

export async function secret(folder: string, name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text, { mode: 0o600 })
  return file
}
