// Processes of a live run: ready when they say so, told of when they end by themselves, and gone on every path.
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { describe, expect, it } from 'vitest'
import { topicOf } from '#contract/topics.ts'
import { findMosquitto, startMosquitto } from '../../range/live-broker.ts'
import { LiveFault, LiveProcess } from '../../range/live-process.ts'
import { temporaryFolder, until } from '../parts/wait.ts'
import { childrenOf, isAlive, runScript } from './process-parts.ts'

const READY = /ready (\w+)/
const signal = new AbortController().signal

async function processOf(code: string) {
  const lost: LiveFault[] = []
  const log = join(await temporaryFolder(), 'child.log')
  const words = ['-e', code]
  return { child: new LiveProcess({ name: 'part', command: process.execPath, words, log, onLost: (fault) => lost.push(fault) }), lost, log }
}

const STAYS = "console.log('ready now'); setInterval(() => {}, 1000)"

describe('a process of a live run', () => {
  it('is ready when it has said so, and gone when it is told to end', async () => {
    const { child, lost, log } = await processOf(STAYS)
    const [said] = await child.start([READY], signal)
    const pid = child.pid ?? 0
    expect({ said: said?.[1], alive: isAlive(pid), running: child.running }).toEqual({ said: 'now', alive: true, running: true })
    await child.end()
    expect({ alive: isAlive(pid), lost }).toEqual({ alive: false, lost: [] })
    expect(readFileSync(log, 'utf8')).toBe('ready now\n')
  })

  it('is killed when it does not listen', async () => {
    const { child } = await processOf(`process.on('SIGTERM', () => console.log('no')); ${STAYS}`)
    await child.start([READY], signal)
    const pid = child.pid ?? 0
    await child.end('SIGKILL')
    expect(isAlive(pid)).toBe(false)
  })

  it('is told of with its last words when it ends by itself', async () => {
    const { child, lost } = await processOf(`console.log('ready now'); setTimeout(() => { console.error('no more'); process.exit(3) }, 50)`)
    await child.start([READY], signal)
    await until(() => lost.length === 1, { what: 'the loss' })
    expect(lost[0]?.message).toMatch(/^the part has ended by itself; its log: .*child\.log\n[\s\S]*no more$/)
    expect(lost[0]?.text.zh).toContain('已自行退出')
  })

  it('fails to start with what it said, or when there is no such program', async () => {
    const { child } = await processOf("console.error('a bad config'); process.exit(1)")
    await expect(child.start([READY], signal)).rejects.toThrow('a bad config')
    const log = join(await temporaryFolder(), 'x.log')
    const none = new LiveProcess({ name: 'part', command: '/no/such/program', words: [], log, onLost: () => {} })
    await expect(none.start([READY], signal)).rejects.toBeInstanceOf(LiveFault)
  })

  it('is waited for no longer when it is ended before it was ready', async () => {
    const { child, lost } = await processOf('setInterval(() => {}, 1000)')
    const started = child.start([READY], signal).catch((fault: unknown) => fault)
    await child.end()
    expect(await started).toMatchObject({ code: 'LIVE_FAULT', message: expect.stringContaining('was ended') })
    expect({ running: child.running, lost }).toEqual({ running: false, lost: [] })
  })

  it('is gone when the start is interrupted', async () => {
    const { child, lost } = await processOf("console.log('not yet'); setInterval(() => {}, 1000)")
    const end = new AbortController()
    const starting = child.start([READY], end.signal)
    const pid = child.pid ?? 0
    end.abort(new Error('enough'))
    await expect(starting).rejects.toThrow('enough')
    expect({ alive: isAlive(pid), lost }).toEqual({ alive: false, lost: [] })
  })

  it('is not left behind when the program exits at once', async () => {
    const file = join(await temporaryFolder(), 'run.ts')
    const module = JSON.stringify(new URL('../../range/live-process.ts', import.meta.url).href)
    const log = JSON.stringify(`${file}.log`)
    await writeFile(
      file,
      `import { LiveProcess } from ${module}
       const words = ['-e', ${JSON.stringify(STAYS)}]
       const one = new LiveProcess({ name: 'part', command: process.execPath, words, log: ${log}, onLost() {} })
       await one.start([/ready/], new AbortController().signal)
       console.log('children')
       process.stdin.once('data', () => process.exit(7))\n`
    )
    const script = runScript(file)
    await until(() => script.stdout.includes('children'), { what: 'the child' })
    const [pid = 0] = childrenOf(script.child.pid ?? 0)
    expect(isAlive(pid)).toBe(true)
    script.child.stdin?.write('x')
    expect(await script.ended).toBe(7)
    await until(() => !isAlive(pid), { what: 'the end of the child' })
    expect(isAlive(pid)).toBe(false)
  })
})

describe('the Mosquitto of a live run', () => {
  const site = 'east'
  const agent = { id: 'edge-1', name: 'east/edge-1', password: 'agent secret' }
  const collector = { name: 'collector', password: 'collector secret' }

  it('lets in those with their passwords, and lets them say what is theirs', async () => {
    const folder = await temporaryFolder()
    const command = (await findMosquitto()) ?? ''
    const { port, process: mosquitto } = await startMosquitto({ command, folder, site, agent, collector, onLost: () => {}, signal })
    await using _ = mosquitto
    const login = (username: string, password: string) =>
      connectAsync(`mqtt://127.0.0.1:${port}`, { username, password, reconnectPeriod: 0 })
    await expect(login(agent.name, 'wrong')).rejects.toThrow(/[Nn]ot authorized/)
    await expect(connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })).rejects.toThrow(/[Nn]ot authorized/)
    const [centre, edge] = [await login(collector.name, collector.password), await login(agent.name, agent.password)]
    const heard: string[] = []
    centre.on('message', (topic) => heard.push(topic))
    await centre.subscribeAsync('penstock/v1/+/+/+/samples', { qos: 1 })
    const topics = [topicOf({ site: 'west', agent: agent.id, kind: 'samples' }), topicOf({ site, agent: agent.id, kind: 'samples' })]
    for (const topic of topics) await edge.publishAsync(topic, 'x', { qos: 1 })
    await until(() => heard.length > 0, { what: 'the message' })
    expect(heard).toEqual(topics.slice(1))
    await Promise.all([centre.endAsync(true), edge.endAsync(true)])
  })

  it('is not there when no folder has it', async () => {
    expect(await findMosquitto({ PATH: '/usr/sbin' })).toBe('/usr/sbin/mosquitto')
    expect(await findMosquitto({ PATH: '' })).toMatch(/mosquitto$/)
  })
})
