// SIGHUP as a supervisor sends it, to the command as people start it: early, twice at once, while the disk is full, while it stops.
import { execFile, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { AddressPlc } from '../parts/address-plc.ts'
import { agentFile, startCommand } from '../parts/command.ts'
import { startMosquitto } from '../parts/mosquitto.ts'
import { modbus } from '../parts/reloading-agent.ts'
import { until } from '../parts/wait.ts'

// What a process may write to files, in bytes: a disk that is full for it alone.
const limitFiles = (pid: number, bytes: string) => promisify(execFile)('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])

it('reads the file again on SIGHUP, loses nothing when it cannot, and ends when it is told to', async () => {
  await using mosquitto = await startMosquitto()
  await using plc = await AddressPlc.start()
  const devices = (count: number) => [
    modbus('plc', plc.port, Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, `holding ${200 * i + 1} uint16`])))
  ]
  const more = { broker: { url: mosquitto.url }, defaults: { cadenceMs: 500 }, publish: { maxDelayMs: 50 } }
  const file = await agentFile(devices(1), more)
  const write = async (count: number) => {
    const config = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...config, devices: devices(count) }))
  }
  const command = startCommand(['agent', 'run', '-c', file])
  const said = (text: string) => command.stdout.split(text).length - 1
  const hangUp = () => command.child.kill('SIGHUP')
  const taken = (times: number) =>
    until(() => said('The configuration is taken over.') >= times, { what: `${times} reloads`, timeoutMs: 60_000 })
  const addresses = () => new Set(plc.requests.map(({ address }) => address))

  await until(() => said('is signed with this key') === 1, { what: 'the start', timeoutMs: 60_000, everyMs: 1 })
  hangUp()
  await taken(1)
  await write(2)
  hangUp()
  hangUp()
  await until(() => addresses().has(201), { what: 'the second tag' })
  const done = said('The configuration is taken over.')
  expect(done).toBeGreaterThanOrEqual(2)

  await until(() => plc.requests.length > 4, { what: 'some cycles' })
  await limitFiles(command.child.pid ?? 0, '0')
  await write(3)
  hangUp()
  await until(() => said('The configuration is not taken over') === 1, { what: 'the refusal' })
  expect(command.stdout).toContain('the outbox cannot be written')
  const asked = plc.requests.length
  await until(() => plc.requests.length > asked + 3, { what: 'more cycles' })
  expect(addresses().has(401)).toBe(false)
  await limitFiles(command.child.pid ?? 0, 'unlimited')
  hangUp()
  await until(() => addresses().has(401), { what: 'the third tag' })

  await writeFile(file, 'agent: [')
  hangUp()
  await until(() => said('A fault of the configuration.') >= 2, { what: 'the fault' })
  expect(command.stdout).toMatch(/"fault":"[^"]*agent\.yaml:1:\d+/)
  expect([plc.connections, plc.mostOpen]).toEqual([1, 1])
  command.child.kill('SIGTERM')
  hangUp()
  expect(await command.ended).toBe(0)
  expect(command.stderr).toBe('')
}, 120_000)

// Starts a command on a terminal of its own, says SIGHUP to it as `kill` does, and then takes the terminal away, once the command has
// said so often what it waits for.
const ON_A_TERMINAL = `
import os, pty, signal, sys, time
log, words = sys.argv[1], sys.argv[2:]
out = os.open(log, os.O_CREAT | os.O_WRONLY, 0o600)
child, terminal = pty.fork()
if child == 0:
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.execv(words[0], words)
def wait_for(text):
    for _ in range(600):
        if text in open(log).read(): return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    sys.exit('no ' + text)
wait_for('The agent reads.')
os.kill(child, signal.SIGHUP)
wait_for('The configuration is taken over.')
os.close(terminal)
for _ in range(300):
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        print(os.waitstatus_to_exitcode(status))
        sys.exit(0)
    time.sleep(0.1)
os.kill(child, signal.SIGKILL)
`

it('stops when the terminal that it was started from goes away', async () => {
  const file = await agentFile([modbus('plc', 1, { a: 'coil 1' })])
  const program = fileURLToPath(new URL('../../penstock.js', import.meta.url))
  const words = [process.execPath, program, 'agent', 'run', '-c', file]
  const child = spawn('python3', ['-c', ON_A_TERMINAL, `${file}.log`, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  expect((await text(child.stdout)).trim()).toBe('0')
  expect(await readFile(`${file}.log`, 'utf8')).toContain('the terminal is gone')
}, 120_000)
