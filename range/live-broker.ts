// The broker of a live run: Mosquitto as a process of its own where there is one, with passwords and the access list of a site.
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { KINDS, topicOf } from '#contract/topics.ts'
import { LiveFault, LiveProcess, type LiveProcessOptions } from './live-process.ts'

export interface Login {
  name: string
  password: string
}

const ATTEMPTS = 5
const ROUNDS = 101
const FOLDERS_OF_THE_SYSTEM = ['/usr/sbin', '/usr/local/sbin']

/** Where Mosquitto is, or undefined when there is none. */
export async function findMosquitto({ PATH: path = '' }: { PATH?: string | undefined } = process.env): Promise<string | undefined> {
  for (const folder of [...path.split(delimiter), ...FOLDERS_OF_THE_SYSTEM]) {
    const file = join(folder, 'mosquitto')
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false
    )
    if (folder !== '' && isThere) return file
  }
  return undefined
}

export interface MosquittoOptions extends Pick<LiveProcessOptions, 'onLost'> {
  command: string
  folder: string
  site: string
  agent: Login & { id: string }
  collector: Login
  signal: AbortSignal
}

/** Started on a port that was free a moment ago; when somebody else took it in between, on another. */
export async function startMosquitto(options: MosquittoOptions): Promise<{ port: number; process: LiveProcess }> {
  const { command, folder, onLost, signal } = options
  await writeFile(join(folder, 'mosquitto.passwords'), [options.agent, options.collector].map(passwordLine).join(''), { mode: 0o600 })
  await writeFile(join(folder, 'mosquitto.acl'), accessList(options), { mode: 0o600 })
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const file = join(folder, 'mosquitto.conf')
    await writeFile(file, configuration(port, folder), { mode: 0o600 })
    let started = false
    const log = join(folder, 'mosquitto.log')
    const told = (fault: LiveFault) => {
      if (started) onLost(fault)
    }
    const mosquitto = new LiveProcess({ name: 'Mosquitto', command, words: ['-c', file], log, onLost: told })
    try {
      await mosquitto.start([/mosquitto version \S+ running/], signal)
      started = true
      return { port, process: mosquitto }
    } catch (error) {
      if (signal.aborted || attempt === ATTEMPTS || !(error instanceof LiveFault)) throw error
    }
  }
}

// mosquitto.conf(5): $7$ is PBKDF2 with SHA-512, rounds, salt and hash.
function passwordLine({ name, password }: Login): string {
  const salt = randomBytes(12)
  const hash = pbkdf2Sync(password, salt, ROUNDS, 64, 'sha512')
  return `${name}:$7$${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}\n`
}

function accessList({ site, agent, collector }: MosquittoOptions): string {
  const spoken = KINDS.filter((kind) => kind !== 'ack')
  return [
    `user ${agent.name}`,
    ...spoken.map((kind) => `topic write ${topicOf({ site, agent: agent.id, kind })}`),
    `topic read ${topicOf({ site, agent: agent.id, kind: 'ack' })}`,
    `user ${collector.name}`,
    ...spoken.map((kind) => `topic read penstock/v1/+/+/+/${kind}`),
    'topic write penstock/v1/+/+/+/ack',
    ''
  ].join('\n')
}

function configuration(port: number, folder: string): string {
  return [
    `listener ${port} 127.0.0.1`,
    // Started by root it would become another user, who may not read the folder.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    'allow_anonymous false',
    `password_file ${join(folder, 'mosquitto.passwords')}`,
    `acl_file ${join(folder, 'mosquitto.acl')}`,
    'max_inflight_messages 200',
    'max_queued_messages 100000',
    'log_dest stderr',
    'log_type error',
    'log_type warning',
    'log_type notice',
    // Among it is that it runs.
    'log_type information',
    ''
  ].join('\n')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the listening socket has no port')
  return address.port
}
