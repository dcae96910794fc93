// Reads 125 holding registers again and again with bare modbus-serial and tells the CPU time it took. <port> <reads>
import modbus from 'modbus-serial'

const [port, reads] = process.argv.slice(2).map(Number)
const client = new modbus.default()
await client.connectTCP('127.0.0.1', { port: port ?? 0 })
client.setID(1)
client.setTimeout(5000)
await client.readHoldingRegisters(0, 125)
const before = process.cpuUsage()
let registers = 0
for (let i = 0; i < (reads ?? 0); i++) registers += (await client.readHoldingRegisters(0, 125)).data.length
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, registers }))
client.close(() => process.exit(0))
