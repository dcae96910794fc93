// Reads 125 holding registers again and again with the agent's own reader, decodes them to 62 float32 values, and tells the CPU
// time it took. <port> <reads>
import { ModbusReader } from '../../agent/modbus/reader.ts'
import { decoderOf } from '../../agent/modbus/registers.ts'

const [port, reads] = process.argv.slice(2).map(Number)
const reader = new ModbusReader({ over: 'tcp', frames: 'mbap', host: '127.0.0.1', port: port ?? 0, connectTimeoutMs: 5000 })
await reader.connect()
const decode = decoderOf({ type: 'float32' })
const request = { unit: 1, table: 'holding-register', address: 0, count: 125, timeoutMs: 5000 } as const
await reader.read(request)
const before = process.cpuUsage()
let registers = 0
for (let i = 0; i < (reads ?? 0); i++) {
  const bytes = await reader.read(request)
  for (let at = 0; at + 4 <= bytes.length; at += 4) decode(bytes, at)
  registers += bytes.length / 2
}
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, registers }))
reader.close()
