// By hand: `node test/system/device-run.ts --minutes 30 --speed 48`. An agent reads devices of several families for a simulated day
// while they are killed, frozen and started again; what it delivered is compared with what they served, and what it sent is
// counted by tshark. Ends with 1 when anything is not as promised.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { connectAsync } from 'mqtt'
import { decode } from '#contract/codec.ts'
import { parseTopic } from '#contract/topics.ts'
import { checkOpcua, checkPulse, checkWire, newTally, type Sample, samplesIn, type Tally } from './device-check.ts'
import { buildDeviceTown, DEVICES, type DeviceTown, type TownDevice } from './device-town.ts'
import { captureTo, connectionsOf, requestsOf, servedBy } from './device-wire.ts'

const run = promisify(execFile)
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    speed: { type: 'string', default: '48' },
    calm: { type: 'boolean', default: false },
    devices: { type: 'string', default: DEVICES.join(',') }
  }
})
const minutes = Number(options.minutes)
const FUNCTION_CODES = new Set([1, 2, 3, 4])
// OPC 10000-6, Annex A: the binary encoding ids of WriteRequest, CallRequest, HistoryUpdateRequest and the four that change nodes.
const FORBIDDEN_SERVICES = new Map([
  [673, 'Write'],
  [712, 'Call'],
  [700, 'HistoryUpdate'],
  [488, 'AddNodes'],
  [494, 'AddReferences'],
  [500, 'DeleteNodes'],
  [506, 'DeleteReferences']
])
const FORBIDDEN_NAMES = /^(Write|Call|HistoryUpdate|Add|Delete(Nodes|References)|RegisterServer)/

async function main(): Promise<boolean> {
  const town = await buildDeviceTown({ speed: Number(options.speed), devices: options.devices.split(',') })
  const file = join(town.folder, 'run.pcapng')
  const ports = town.devices.map(({ port }) => port)
  const endCapture = await captureTo(file, ports)
  const samples = new Map<string, Sample[]>(town.devices.map(({ id }) => [id, []]))
  const gaps: string[] = []
  const listener = await listen(town, samples, gaps)
  try {
    await town.agent.start()
    if (options.devices.includes('opcua-secure')) await trust(town)
    const end = performance.now() + minutes * 60_000
    for (let round = 0; performance.now() < end; round++) {
      await sleep(Math.min(20_000, Math.max(0, end - performance.now())))
      console.log(
        `${((end - performance.now()) / 60_000).toFixed(1)} minutes left; ${[...samples.values()].reduce((sum, list) => sum + list.length, 0)} samples`
      )
      if (!options.calm && end - performance.now() > 25_000) await disturb(town.devices[round % town.devices.length], round)
    }
  } finally {
    await town.agent.kill('SIGTERM')
    await sleep(1000)
    await listener.endAsync()
    await endCapture()
    await town.stop()
  }
  const isRight = await report(town, file, samples, gaps)
  if (!isRight) console.log(`The agent wrote last:\n${town.agent.output}`)
  return isRight
}

async function listen(town: DeviceTown, samples: Map<string, Sample[]>, gaps: string[]) {
  const client = await connectAsync(town.broker.url, { clientId: 'device-run' })
  const names = new Map<number, { name: string; device: string }>()
  client.on('message', (topic, payload) => {
    const { kind } = parseTopic(topic)
    if (kind === 'birth') for (const tag of decode('birth', payload).tags) names.set(tag.id, { name: tag.name, device: tag.device })
    if (kind === 'gap') {
      const { device, reason, samples: lost } = decode('gap', payload)
      gaps.push(`${device ?? 'agent'} ${reason} ${lost}`)
    }
    if (kind !== 'samples') return
    const batch = decode('samples', payload)
    const list = samplesIn(batch, (tag) => names.get(tag)?.name)
    for (const [i, sample] of list.entries()) samples.get(names.get(batch.tags[i] ?? 0)?.device ?? '')?.push(sample)
  })
  await client.subscribeAsync('penstock/v1/#', { qos: 1 })
  return client
}

// The certificate of the secure server is unknown at first; a person looks at it and accepts it.
async function trust(town: DeviceTown): Promise<void> {
  const command = (...words: string[]) =>
    run(process.execPath, [join(import.meta.dirname, '../../penstock.js'), 'agent', 'trust', ...words, '-c', town.configFile, '--json'])
  for (let attempt = 0; attempt < 60; attempt++) {
    const { stdout } = await command('list')
    const thumbprint = /"thumbprint":\s*"([0-9A-Fa-f]{40,64})"/.exec(stdout)?.[1]
    if (thumbprint !== undefined) {
      await command('accept', thumbprint)
      return
    }
    await sleep(1000)
  }
  throw new Error('no certificate to be trusted was told')
}

async function disturb(device: TownDevice | undefined, round: number): Promise<void> {
  if (device === undefined) return
  const how = ['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const
  const signal = how[Math.floor(round / 6) % how.length] ?? 'SIGKILL'
  console.log(`${device.id}: ${signal}`)
  if (signal === 'SIGSTOP') {
    await device.server.kill('SIGSTOP')
    await sleep(12_000)
    await device.server.kill('SIGCONT')
  } else {
    await device.server.kill(signal)
    await sleep(4000)
    await device.server.start()
  }
}

async function report(town: DeviceTown, file: string, samples: Map<string, Sample[]>, gaps: readonly string[]): Promise<boolean> {
  const requests = await requestsOf(file, town.devices)
  const connections = await connectionsOf(file, town.devices)
  let isRight = true
  const rows = []
  for (const device of town.devices) {
    const config = town.config.devices.find(({ id }) => id === device.id)
    const list = samples.get(device.id) ?? []
    if (config === undefined) continue
    const own = newTally()
    const wire = newTally()
    if (device.dissector === 'opcua') checkOpcua(config, list, own)
    else if (device.id !== 'plant') checkPulse(config, list, own)
    if (device.dissector !== 'opcua') checkWire(config, list, await servedBy(file, device, town.devices), wire)
    const codes = requests.get(device.id) ?? new Map<number, number>()
    const { made = 0, mostAtOnce = 0 } = connections.get(device.id) ?? {}
    const names = device.dissector === 'opcua' ? (await readFile(join(device.folder, 'services'), 'utf8')).trim().split('\n') : []
    const forbidden = forbiddenOf(device, codes, names)
    rows.push({
      device: device.id,
      requests: [...codes.values()].reduce((sum, n) => sum + n, 0),
      forbidden: forbidden.length,
      connections: made,
      'at once': mostAtOnce,
      'good samples': Math.max(own.good, wire.good),
      'as served': device.id === 'plant' ? '-' : `${own.right}`,
      'not as served': own.wrong,
      'as on the wire': device.dissector === 'opcua' ? '-' : `${wire.right}`,
      'not as on the wire': wire.wrong,
      'bad samples': [...(own.good > 0 ? own : wire).bad.values()].reduce((sum, n) => sum + n, 0),
      'oldest ms': Math.round(own.oldestMs)
    })
    tell(device, own, wire, codes, names, forbidden)
    if (own.wrong + wire.wrong + forbidden.length > 0 || mostAtOnce > 1 || own.good + wire.good === 0) isRight = false
  }
  console.table(rows)
  const counted = Map.groupBy(gaps, (gap) => gap.split(' ').slice(0, 2).join(' '))
  console.log('gap records:', Object.fromEntries([...counted].map(([key, list]) => [key, list.length])))
  console.log(isRight ? 'All values read are values served; nothing but reads was sent; one connection at most.' : 'NOT as promised.')
  return isRight
}

function forbiddenOf(device: TownDevice, codes: ReadonlyMap<number, number>, names: readonly string[]): string[] {
  if (device.dissector !== 'opcua') return [...codes.keys()].filter((code) => !FUNCTION_CODES.has(code)).map(String)
  const onTheWire = [...codes.keys()].flatMap((code) => FORBIDDEN_SERVICES.get(code) ?? [])
  return [...onTheWire, ...names.filter((name) => FORBIDDEN_NAMES.test(name))]
}

function tell(
  device: TownDevice,
  own: Tally,
  wire: Tally,
  codes: ReadonlyMap<number, number>,
  names: readonly string[],
  forbidden: readonly string[]
): void {
  console.log(
    `${device.id}: ${[...codes].map(([code, n]) => `${n} x ${code}`).join(', ')}${names.length > 0 ? `; at the server: ${names.join(', ')}` : ''}`
  )
  const bad = (own.good > 0 ? own : wire).bad
  console.log(`  bad samples: ${[...bad].map(([quality, n]) => `${n} x 0x${quality.toString(16)}`).join(', ') || 'none'}`)
  for (const example of [...own.examples, ...wire.examples]) console.log(`  wrong: ${example}`)
  if (forbidden.length > 0) console.log(`  forbidden: ${forbidden.join(', ')}`)
}

process.exitCode = (await main()) ? 0 : 1
