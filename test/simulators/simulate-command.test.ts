// `penstock simulate` as people start it: plants that are recorded and end by themselves, and the config that it writes for an agent.
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfigText } from '#runtime/config-file.ts'
import { AgentConfig } from '../../agent/config.ts'
import { agentConfigText, checkSimulator } from '../../simulators/main.ts'
import { PLANTS } from '../../simulators/plants/plant.ts'
import { CHARACTER_NAMES } from '../../simulators/plc/modbus-characters.ts'
import { runCommand } from '../parts/command.ts'
import { temporaryFolder } from '../parts/wait.ts'

/** Reads the capture in the way that the simulator told at its end. */
function tshark(stdout: string, ...args: string[]): string[] {
  const [, command = ''] = /"read":"tshark ([^"]*)"/.exec(stdout) ?? []
  return execFileSync('tshark', [...command.split(' '), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'ignore']
  })
    .split('\n')
    .filter((line) => line !== '')
}

describe('the simulator', () => {
  it('ends when its time is over, and has recorded what all of its PLCs exchanged', async () => {
    const file = join(await temporaryFolder(), 'town.pcap')
    const { code, stdout, stderr } = await runCommand(
      ...['simulate', 'water', 'heat', '--modbus', ':0', '--speed', '20', '--character', 'typical', '--pcap', file, '--for', '00:01']
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('it has lasted as long as was asked')
    expect(stdout).toContain('The packet capture is complete.')
    expect(tshark(stdout, '-Y', '_ws.malformed || tcp.analysis.flags')).toEqual([])
    const replies = tshark(stdout, '-Y', 'modbus.response_time', '-T', 'fields', '-e', 'tcp.srcport', '-e', 'modbus.response_time')
    expect(new Set(replies.map((line) => line.split('\t')[0])).size).toBe(2)
    const times = replies.map((line) => Number(line.split('\t')[1]))
    expect(times.length).toBeGreaterThan(10)
    expect(Math.min(...times)).toBeGreaterThan(0.015)
    expect(tshark(stdout, '-Y', 'tcp.flags.fin == 1').length).toBeGreaterThanOrEqual(4)
  })

  it('records serial frames, no more of them than was asked', async () => {
    const file = join(await temporaryFolder(), 'serial.pcap')
    const { code, stdout } = await runCommand(
      ...['simulate', 'gas', '--modbus', ':0', '--framing', 'rtu-over-tcp', '--speed', '600', '--pcap', file, '--pcap-limit', '1'],
      ...['--for', '00:30']
    )
    expect(code).toBe(0)
    expect(statSync(file).size).toBeLessThanOrEqual(1e6)
    expect(stdout).toContain('The packet capture is complete.')
    expect(tshark(stdout, '-Y', '_ws.malformed || mbrtu.crc16.status == 0')).toEqual([])
    expect(tshark(stdout, '-Y', 'modbus').length).toBeGreaterThan(20)
  })

  it('says what it cannot do', async () => {
    for (const [words, said] of [
      [['water', 'steam'], 'there is no plant steam'],
      [['water', '--for', '90'], 'hours:minutes'],
      [['water', '--character', 'rude'], 'Allowed choices are lenient'],
      [['water', 'gas', '--print-agent-config'], 'one PLC at a time'],
      [['water', '--modbus', ':0', '--print-agent-config'], 'a Modbus port']
    ] as const) {
      const { code, stderr } = await runCommand('simulate', ...words, '--language', 'en')
      expect({ code, said: stderr }).toEqual({ code: 2, said: expect.stringContaining(said) })
    }
  })
})

describe('the check of a scenario', () => {
  it('tells what goes over its connections', async () => {
    const file = join(await temporaryFolder(), 'scenario.yaml')
    await writeFile(file, 'modbus: { framing: rtu-over-tcp, port: 1600 }')
    expect(await checkSimulator({ file, language: 'en' })).toContain('Modbus RTU over TCP on 127.0.0.1:1600')
    expect(await checkSimulator({ file, language: 'zh-CN' })).toContain('Modbus RTU over TCP 127.0.0.1:1600')
    await writeFile(file, 'site: one')
    expect(await checkSimulator({ file, language: 'en' })).toContain('Modbus TCP on 127.0.0.1:1502')
  })
})

describe("the agent's config", () => {
  it.each(PLANTS)('is sound for a plant of every character and framing: %s', async (plant) => {
    for (const character of CHARACTER_NAMES)
      for (const framing of ['tcp', 'rtu-over-tcp'] as const) {
        const modbus = { host: '0.0.0.0', port: 1600 }
        const yaml = await agentConfigText({ plants: [plant], character, framing, modbus, attack: [], fault: [], language: 'en' })
        const { config } = readConfigText({ file: 'agent.yaml', text: Buffer.from(yaml), schema: AgentConfig, language: 'en' })
        const [device] = config.devices
        expect(device).toMatchObject({ host: '127.0.0.1', port: 1600, protocol: framing === 'tcp' ? 'modbus-tcp' : 'modbus-rtu-over-tcp' })
        if (character === 'small') expect(device).toMatchObject({ budget: { requestsPerSecond: 2 } })
      }
  })
})
