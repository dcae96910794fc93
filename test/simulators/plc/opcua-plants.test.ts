// The OPC UA face of every plant before a client of the library: what it shows and in which language, who may write what, what a
// write does to the plant, alarms from their coming to their going, and history.
import { join } from 'node:path'
import { AttributeIds, DataType, type DataValue, StatusCodes, UserTokenType } from 'node-opcua'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { PLANTS, type PlantKind } from '../../../simulators/plants/plant.ts'
import { OpcuaServerConfig } from '../../../simulators/plc/opcua-config.ts'
import { OpcuaPlc } from '../../../simulators/plc/opcua-plc.ts'
import { UNITS } from '../../../simulators/plc/opcua-point.ts'
import { pointsOf } from '../../../simulators/plc/opcua-points.ts'
import { readTag, tagNamed } from '../../../simulators/plc/tag-map.ts'
import { createWorks, type Works } from '../../../simulators/works.ts'
import { alarmOf, listen } from '../../parts/opcua-alarms.ts'
import { opcuaClient, type PlainClient } from '../../parts/opcua-client.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'

const PASSWORD = 'water under the bridge'
process.env['PENSTOCK_TEST_PASSWORD'] = PASSWORD

interface Play {
  /** Written, and what the plant then does within some scans. */
  write: Readonly<Record<string, number | boolean>>
  scans: number
  outcome: string
  becomes: (now: number, before: number) => boolean
  /** A limit that raises an alarm at once, and the tag of the alarm. */
  alarm: { tag: string; limit: string; raised: number; message: string }
}

const PLAYS: Readonly<Record<PlantKind, Play>> = {
  water: {
    write: { 'chlorine.setpoint': 1.5 },
    ...{ scans: 600, outcome: 'dosing.rate', becomes: (now, before) => now > before + 5 },
    alarm: { tag: 'tower.level', limit: 'tower.high-limit', raised: 1, message: 'The level of the tower is too high.' }
  },
  heat: {
    write: { 'curve.shift': 10 },
    ...{ scans: 600, outcome: 'supply.wanted', becomes: (now, before) => now > before + 3 },
    alarm: { tag: 'return.pressure', limit: 'pressure.high-limit', raised: 2, message: 'The pressure of the loop is too high.' }
  },
  gas: {
    write: { 'odorant.auto': false, 'odorant.hand-rate': 1200 },
    ...{ scans: 600, outcome: 'odorant.rate', becomes: (now, before) => now > before + 100 },
    alarm: { tag: 'outlet.pressure', limit: 'outlet.high-limit', raised: 3, message: 'The outlet pressure is too high.' }
  }
}

describe.each(PLANTS)('the %s plant', (plant) => {
  const { write, scans, outcome, becomes, alarm } = PLAYS[plant]
  let works: Works
  let server: OpcuaPlc
  let eye: PlainClient
  let hand: PlainClient

  beforeAll(async () => {
    works = await createWorks(plant, { seed: 7 })
    scan(300)
    const password = { env: 'PENSTOCK_TEST_PASSWORD' }
    const config = OpcuaServerConfig.parse({
      ...{ port: 0, pki: join(await temporaryFolder(), 'pki'), refreshMs: 20, anonymous: 'observer' },
      security: { policies: ['Aes256_Sha256_RsaPss', 'None'], modes: ['SignAndEncrypt', 'None'], acceptUnknownClients: true },
      users: [{ name: 'hand', password, role: 'operator' }]
    })
    const { map, plc, alarms } = works
    server = new OpcuaPlc({ name: plant, points: pointsOf(map, plc.image), alarms, config, log: quietLog() })
    await server.start()
    eye = await opcuaClient({ port: server.port, locales: ['zh-CN'] })
    const user = { type: UserTokenType.UserName as const, userName: 'hand', password: PASSWORD }
    hand = await opcuaClient({ port: server.port, policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt', user, locales: ['en'] })
  }, 60_000)
  afterAll(async () => {
    await eye[Symbol.asyncDispose]()
    await hand[Symbol.asyncDispose]()
    await server.stop()
  })

  const scan = (times: number) => {
    for (let i = 0; i < times; i++) works.plc.scan()
  }
  const value = (tag: string) => readTag(works.plc.image, tagNamed(works.map, tag))
  const rows = () => Object.entries(works.map.tags)
  const read = (tag: string, attributeId: AttributeIds, { session } = hand) => session.read({ nodeId: `ns=1;s=${tag}`, attributeId })
  const put = (tag: string, wanted: unknown, dataType?: DataType, { session } = hand) => {
    const point = server.points.find((one) => one.tag === tag)
    const type = dataType ?? DataType[point?.type ?? 'Null']
    return session.write({ nodeId: `ns=1;s=${tag}`, attributeId: AttributeIds.Value, value: { value: { dataType: type, value: wanted } } })
  }
  const readAll = (attributeId: AttributeIds, { session } = hand) =>
    session.read(rows().map(([tag]) => ({ nodeId: `ns=1;s=${tag}`, attributeId })))
  // Null where a tag has no such property.
  const properties = async (name: string) => {
    const elements = [{ targetName: { namespaceIndex: 0, name } }]
    // The library wants its own class where plain data do.
    const paths = rows().map(([tag]) => ({ startingNode: `ns=1;s=${tag}`, relativePath: { elements } }) as never)
    const found = (await hand.session.translateBrowsePath(paths)).map(({ targets }) => targets?.[0]?.targetId ?? null)
    const there = found.filter((nodeId) => nodeId !== null)
    const read = await hand.session.read(there.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })))
    return found.map((nodeId) => (nodeId === null ? null : read[there.indexOf(nodeId)]?.value.value))
  }
  const writeBack = ({ session } = hand, values: readonly DataValue[]) =>
    session.write(
      rows().map(([tag], i) => ({ nodeId: `ns=1;s=${tag}`, attributeId: AttributeIds.Value, value: { value: values[i]?.value ?? {} } }))
    )

  it('shows each tag with its value, type, unit and range, and what it means in two languages', async () => {
    const [values, english, chinese] = [
      await readAll(AttributeIds.Value),
      await readAll(AttributeIds.Description),
      await readAll(AttributeIds.Description, eye)
    ]
    const [ranges, units] = [await properties('EURange'), await properties('EngineeringUnits')]
    for (const [i, [tag, { title, unit, range }]] of rows().entries()) {
      const point = server.points.find((one) => one.tag === tag)
      expect([values[i]?.statusCode, values[i]?.value.dataType], tag).toEqual([StatusCodes.Good, DataType[point?.type ?? 'Null']])
      expect(Number(values[i]?.value.value), tag).toBeCloseTo(value(tag), 2)
      expect([english[i]?.value.value.text, chinese[i]?.value.value.text]).toEqual([title.en, title.zh])
      const shown = ranges[i] === null ? undefined : { low: ranges[i].low, high: ranges[i].high }
      expect(shown, tag).toEqual(range)
      expect(units[i]?.displayName.text, tag).toBe(unit?.replace('m3', 'm³'))
      if (unit === undefined) continue
      // OPC 10000-8, 5.6.4.3: the code of Recommendation 20 read as a number; a unit without one has a name space of its own.
      const code = UNITS[unit] ?? null
      const id = code === null ? -1 : [...code].reduce((number, letter) => number * 256 + letter.charCodeAt(0), 0)
      const space = code === null ? 'urn:penstock:units' : 'http://www.opcfoundation.org/UA/units/un/cefact'
      expect([units[i]?.unitId, units[i]?.namespaceUri], tag).toEqual([id, space])
    }
  })

  it('lets the operator write setpoints and commands, everybody read, and nobody anything else', async () => {
    const values = await readAll(AttributeIds.Value)
    const [asHand, asEye] = [await writeBack(hand, values), await writeBack(eye, values)]
    for (const [i, [tag, { role }]] of rows().entries()) {
      const open = role === 'setpoint' || role === 'command'
      expect(asHand[i]?.name, tag).toBe(open ? 'Good' : 'BadNotWritable')
      expect(asEye[i]?.name, tag).toBe('BadUserAccessDenied')
    }
  })

  it('refuses what is out of range, of the wrong type, or would change what a tag is', async () => {
    const setpoints = server.points.filter(({ kind }) => kind === 'setpoint')
    expect(setpoints.length).toBeGreaterThan(5)
    for (const point of setpoints) {
      if (point.type === 'Boolean' || point.accepted === undefined) continue
      const before = value(point.tag)
      if (point.type === 'Float') {
        expect((await put(point.tag, point.accepted.high + 1)).name, point.tag).toBe('BadOutOfRange')
        expect((await put(point.tag, point.accepted.low - 1)).name, point.tag).toBe('BadOutOfRange')
      }
      expect((await put(point.tag, 'much', DataType.String)).name, point.tag).toBe('BadTypeMismatch')
      expect(value(point.tag)).toBe(before)
    }
    const [{ tag } = { tag: '' }] = setpoints
    const shownBefore = await read(tag, AttributeIds.Value)
    const written = { value: shownBefore.value, statusCode: StatusCodes.BadSensorFailure }
    const status = await hand.session.write({ nodeId: `ns=1;s=${tag}`, attributeId: AttributeIds.Value, value: written })
    expect(status.name).toBe('BadWriteNotSupported')
    const { references } = await hand.session.browse(`ns=1;s=${tag}`)
    const ranges = (references ?? []).filter(({ browseName }) => browseName.name === 'EURange')
    expect(ranges).toHaveLength(1)
    for (const { nodeId } of ranges) {
      const { value: shown } = await hand.session.read({ nodeId, attributeId: AttributeIds.Value })
      expect((await hand.session.write({ nodeId, attributeId: AttributeIds.Value, value: { value: shown } })).name).toBe('BadNotWritable')
    }
  })

  it('is moved by what is written', async () => {
    const before = value(outcome)
    for (const [tag, wanted] of Object.entries(write)) expect((await put(tag, wanted)).name, tag).toBe('Good')
    scan(scans)
    expect(becomes(value(outcome), before), `${outcome} from ${before} to ${value(outcome)}`).toBe(true)
    await until(async () => becomes((await read(outcome, AttributeIds.Value)).value.value, before), { what: 'the client to see it' })
  })

  it('raises an alarm, keeps it while it stands though somebody has acknowledged it, and lets it go', async () => {
    const events = await listen(hand)
    const condition = await alarmOf(hand, alarm.tag)
    const before = value(alarm.limit)
    expect((await put(alarm.limit, alarm.raised)).name).toBe('Good')
    await until(() => condition.state('HighLimit').then((limit) => Math.abs(Number(limit) - alarm.raised) < 1e-3), {
      what: 'the moved limit'
    })
    const told = (text: string) => () => {
      scan(50)
      return events.some(({ message }) => message === text)
    }
    await until(told(alarm.message), { what: 'the alarm' })
    expect(await condition.states('ActiveState', 'AckedState', 'Retain')).toEqual([true, false, true])
    const raised = events.findLast(({ message }) => message === alarm.message)
    const status = await hand.session.acknowledgeCondition(condition.nodeId, raised?.id ?? Buffer.alloc(0), 'Somebody looks after it.')
    expect(status.name).toBe('Good')
    expect(await condition.states('ActiveState', 'AckedState', 'Retain')).toEqual([true, true, true])
    expect((await put(alarm.limit, before)).name).toBe('Good')
    await until(told('Back to normal.'), { what: 'the end of the alarm' })
    expect(await condition.states('ActiveState', 'Retain')).toEqual([false, false])
  })

  it('keeps the history of what its works trend', async () => {
    const trended = rows().flatMap(([tag, { history }]) => (history === true ? [tag] : []))
    expect(trended.length).toBeGreaterThan(1)
    const kept = async (tag: string) => {
      const { historyData } = await eye.session.readHistoryValue(`ns=1;s=${tag}`, new Date(Date.now() - 600_000), new Date())
      // Without a result there is no history yet.
      const values = (historyData as { dataValues?: DataValue[] } | null)?.dataValues ?? []
      return values.map(({ value }) => Number(value.value))
    }
    for (const tag of trended) {
      const written = works.map.tags[tag]?.role === 'setpoint'
      if (!written) await until(async () => (await kept(tag)).length > 3, { what: `the history of ${tag}` })
      else {
        const before = value(tag)
        const other = before * 1.05
        for (const wanted of [other, before]) {
          expect((await put(tag, wanted)).name).toBe('Good')
          await until(async () => Math.abs(((await kept(tag)).at(-1) ?? 0) - wanted) < 0.01, { what: `the history of ${tag}` })
        }
        // What a client reads or writes is written down too, so that a value may stand there several times.
        const steps = (await kept(tag)).filter((one, i, all) => i === 0 || Math.abs(one - (all[i - 1] ?? 0)) > 0.01)
        expect(steps).toEqual([before, other, before].map((one) => expect.closeTo(one, 2)))
      }
    }
    const untrended = rows().find(([, { history, role }]) => history !== true && role === 'measurement')?.[0]
    const { statusCode } = await eye.session.readHistoryValue(`ns=1;s=${untrended}`, new Date(Date.now() - 600_000), new Date())
    expect(statusCode.isBad()).toBe(true)
  })
})
