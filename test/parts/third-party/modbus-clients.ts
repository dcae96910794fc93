// Modbus clients that others wrote, as programs that take commands: pymodbus over both framings, libmodbus over TCP and over a serial
// line that ends at a TCP port. Commands, with values in counts and for packed bits their number in place of the order:
//   read <table> <address> <format|bit> <order|bit>    write <table> <address> <format> <order> <value>
//   block <table> <address> <count>    mask <address> <and> <or>    exchange <address> <count> <target> <words...>    identity
import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isRegister, type TagRow } from '../../../simulators/plc/tag-map.ts'
import { atEnd } from '../at-end.ts'
import { serialLineTo } from '../serial-line.ts'
import { temporaryFolder } from '../wait.ts'

export const MODBUS_CLIENTS = [
  'pymodbus over tcp',
  'pymodbus over rtu-over-tcp',
  'libmodbus over tcp',
  'libmodbus over rtu-over-tcp'
] as const
export type ModbusClientName = (typeof MODBUS_CLIENTS)[number]

export interface ModbusClient extends AsyncDisposable {
  ask(command: string): Promise<string>
}

const alive = new Set<ReturnType<typeof spawn>>()
atEnd(() => {
  for (const child of alive) child.kill('SIGKILL')
})

export async function modbusClient(name: ModbusClientName, { port, unit }: { port: number; unit: number }): Promise<ModbusClient> {
  if (name === 'pymodbus over tcp') return start('/usr/bin/python3', [part('pymodbus-client.py'), String(port), String(unit), 'tcp'])
  if (name === 'pymodbus over rtu-over-tcp')
    return start('/usr/bin/python3', [part('pymodbus-client.py'), String(port), String(unit), 'rtu'])
  built ??= build()
  const program = await built
  if (name === 'libmodbus over tcp') return start(program, [String(port), String(unit)])
  const line = await serialLineTo(port)
  const client = start(program, [line.near, String(unit)])
  return {
    ask: (command) => client.ask(command),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await line[Symbol.asyncDispose]()
    }
  }
}

export const readCommand = ({ place }: TagRow): string => `read ${placeText(place)}`
export const writeCommand = ({ place }: TagRow, counts: number): string => `write ${placeText(place)} ${counts}`

function placeText(place: TagRow['place']): string {
  if (isRegister(place)) return `${place.table} ${place.address} ${place.format} ${place.order ?? 'ABCD'}`
  return `${place.table} ${place.address} bit ${place.bit ?? 0}`
}

const part = (name: string) => fileURLToPath(new URL(name, import.meta.url))
let built: Promise<string> | undefined

async function build(): Promise<string> {
  const program = join(await temporaryFolder(), 'libmodbus-client')
  execFileSync('gcc', ['-O2', '-o', program, part('libmodbus-client.c'), '-lmodbus'])
  return program
}

function start(program: string, words: readonly string[]): ModbusClient {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  alive.add(child)
  const gone = new Promise<void>((resolve) =>
    child.once('close', () => {
      alive.delete(child)
      resolve()
    })
  )
  // A client that ends by itself says so by saying nothing more.
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(command) {
      child.stdin.write(`${command}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${program} has ended at "${command}"`)
      return String(value)
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await gone
    }
  }
}
