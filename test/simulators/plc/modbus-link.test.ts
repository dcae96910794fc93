import { afterEach, describe, expect, it } from 'vitest'
import * as misbehaviour from '../../../simulators/plc/misbehaviour.ts'
import { type ModbusLink, tcpLink } from '../../../simulators/plc/modbus-link.ts'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import { readBits, readWords, writeCoil, writeWord, writeWords } from '../../../simulators/plc/modbus-words.ts'
import { createWaterPlc } from '../../../simulators/plc/water-plc.ts'
import { SETPOINTS } from '../../../simulators/plc/water-registers.ts'
import { directLink } from '../../parts/direct-link.ts'
import { freePort } from '../../parts/wait.ts'

const started: ModbusPlc[] = []
afterEach(async () => {
  for (const plc of started.splice(0)) await plc.stop()
})

async function serve(): Promise<ModbusPlc> {
  const { plc } = createWaterPlc({ seed: 1 })
  const server = new ModbusPlc({ image: plc.image, config: ModbusServerConfig.parse({ port: 0 }) })
  await server.start()
  started.push(server)
  return server
}

const link = (port: number, options: { host?: string; timeoutMs?: number; localAddress?: string } = {}) =>
  tcpLink({ host: '127.0.0.1', port, unit: 1, localAddress: '127.0.0.66', timeoutMs: 2000, ...options })

async function useEverything(to: ModbusLink): Promise<unknown[]> {
  await writeWord(to, SETPOINTS['chlorine.setpoint'].address, 600)
  await writeWords(to, 0, [310, 460])
  await writeCoil(to, 3, true)
  return [await readWords(to, 3, 0, 7), await readBits(to, 1, 0, 5), await readBits(to, 2, 7, 1), (await readWords(to, 4, 0, 23)).length]
}

describe('a link', () => {
  it('says and hears the same over TCP and directly', async () => {
    const expected = [[310, 460, 600, 1, 900, 900, 550], [true, false, true, true, true], [true], 23]
    await using tcp = await link((await serve()).port)
    expect(await useEverything(tcp)).toEqual(expected)
    await using direct = directLink({ image: createWaterPlc({ seed: 1 }).plc.image, host: 'x' })
    expect(await useEverything(direct)).toEqual(expected)
  })

  it.runIf(process.platform === 'linux')('comes from the loopback address it was given', async () => {
    await using rogue = await link((await serve()).port)
    expect(rogue.host).toBe('127.0.0.66')
  })

  it('comes from another address where its own does not exist', async () => {
    await using rogue = await link((await serve()).port, { localAddress: '192.0.2.1' })
    expect(rogue.host).toBe('127.0.0.1')
    expect(await readWords(rogue, 3, 3, 1)).toEqual([1])
  })

  it('tells a refusal with its exception code', async () => {
    await using tcp = await link((await serve()).port)
    await expect(readWords(tcp, 4, 23, 1)).rejects.toMatchObject({ code: 'LINK_REFUSED', message: expect.stringContaining('exception 2') })
    expect(await readWords(tcp, 3, 3, 1)).toEqual([1])
  })

  it.each(['192.0.2.1', '2001:db8::1', '0.0.0.1'])('reaches no PLC of another machine: %s', async (host) => {
    await expect(link(502, { host })).rejects.toMatchObject({
      code: 'LINK_AWAY',
      message: `${host}:502 is not on this machine, and nothing is played against another`
    })
  })

  it('gives up on a name that nobody can have', async () => {
    await expect(link(502, { host: 'x'.repeat(300) })).rejects.toMatchObject({ code: 'LINK_AWAY' })
  })

  it('gives up on a PLC that is not there', async () => {
    await expect(link(await freePort())).rejects.toMatchObject({ code: 'LINK_AWAY' })
  })

  it.each([
    ['keeps silent', misbehaviour.silent, 'LINK_TIMEOUT'],
    ['answers another request', misbehaviour.otherTransaction, 'LINK_TIMEOUT'],
    ['hangs up', misbehaviour.hangingUp, 'LINK_AWAY'],
    ['speaks no Modbus', misbehaviour.endless, 'LINK_AWAY'],
    ['answers another function', misbehaviour.otherFunction, 'LINK_REFUSED'],
    ['answers too little', misbehaviour.tooShort, 'LINK_REFUSED']
  ])('gives up on a PLC that %s', async (_what, how, code) => {
    const server = await serve()
    server.misbehaviour = how
    await using tcp = await link(server.port, { timeoutMs: 200 })
    await expect(readWords(tcp, 3, 0, 3)).rejects.toMatchObject({ code })
  })
})
