// The part of the agent's config that speaks of Modbus devices.
import { z } from 'zod'
import { Id } from '#contract/site.ts'
import { Text } from '#contract/text.ts'
import { ProfileName } from '../profiles.ts'
import { Quirks } from './quirks.ts'
import { MOST_BITS, MOST_REGISTERS } from './read-plan.ts'
import { CadenceMs, Deadband, Forbidden, HeartbeatMs, inherited, ModbusTag, Order } from './tag-config.ts'

export const Defaults = z
  .strictObject({
    cadenceMs: CadenceMs.default(1000).describe('How often a value is read, in milliseconds.'),
    heartbeatMs: HeartbeatMs.default(60_000).describe('After how many milliseconds an unchanged value is sent all the same.'),
    deadband: Deadband.default(0).describe('How far a number must move to be sent; 0 sends every change.'),
    order: Order.default('ABCD')
  })
  .describe('What devices and tags take when they say nothing themselves.')
export type Defaults = z.infer<typeof Defaults>

const identity = {
  id: Id.describe('The identifier of the device, unique within its agent.'),
  title: Text.optional().describe('The name that people know the device by.')
}

const settings = {
  unit: z.int().min(0).max(255).default(1).describe('The unit id; tells the devices behind one gateway or on one line apart.'),
  connectTimeoutMs: z.int().min(100).max(60_000).default(5000).describe('How long a connection may take to come about.'),
  timeoutMs: z.int().min(50).max(60_000).default(1000).describe('How long one answer may take.'),
  maxRegistersPerRead: z.int().min(1).max(MOST_REGISTERS).default(MOST_REGISTERS).describe('The most registers in one request.'),
  maxBitsPerRead: z.int().min(1).max(MOST_BITS).default(MOST_BITS).describe('The most coils or discrete inputs in one request.'),
  maxGap: z
    .int()
    .min(0)
    .max(MOST_REGISTERS)
    .default(16)
    .describe('The most unused addresses between two tags that are read along to save a request.'),
  forbidden: Forbidden,
  budget: z
    .strictObject({
      requestsPerSecond: z
        .number()
        .min(0.01)
        .max(1000)
        .default(5)
        .describe('The most requests in any second, whole ones from 1 on; a plan above it does not start.'),
      registersPerSecond: z
        .number()
        .min(1)
        .max(125_000)
        .optional()
        .describe(
          'The most registers in any second, 16 coils or discrete inputs as one; a plan above it does not start. By default 125 for each request.'
        ),
      minGapMs: z.int().min(0).max(10_000).default(20).describe('The pause after each answer.'),
      minCadenceMs: z.int().min(50).max(3_600_000).default(200).describe('The shortest cadence that a tag may have.')
    })
    .transform((budget) => ({
      ...budget,
      registersPerSecond: budget.registersPerSecond ?? MOST_REGISTERS * Math.max(1, budget.requestsPerSecond)
    }))
    .prefault({})
    .describe('How much the device is asked at most; it has a process to control.'),
  quirks: Quirks,
  identify: z
    .boolean()
    .default(false)
    .describe('Whether the device is asked what it is (function 43/14), after connecting and then from time to time; a change is told.'),
  serverId: z
    .boolean()
    .default(false)
    .describe('Whether the device is also asked for its server id (function 17), which some devices answer badly.'),
  identifyEveryHours: z.number().min(1).max(8760).default(24).describe('After how many hours the device is asked again what it is.'),
  profile: ProfileName.optional(),
  prefix: z
    .string()
    .max(60)
    .optional()
    .describe('What stands before the names of the tags of the profile; without it the id of the device and a dot.'),
  ...inherited,
  tags: z
    .array(ModbusTag)
    .max(20_000)
    .default([])
    .describe('The values to read. With a profile: more of them, or others in the place of those with the same name.')
}

const Host = z.string().min(1).max(253)
const Port = z.int().min(1).max(65535)

const SerialLine = (dataBits: 7 | 8) =>
  z
    .strictObject({
      path: z.string().min(1).max(200).describe('The serial device, for example /dev/ttyUSB0 or COM3.'),
      baudRate: z.int().min(300).max(921_600).default(9600).describe('Bits per second.'),
      parity: z
        .enum(['none', 'even', 'odd'])
        .default('even')
        .describe('Parity; even is the default of the norm (Modbus over Serial Line 1.02, 2.5.1).'),
      dataBits: z.literal([7, 8]).default(dataBits).describe('Data bits: 8 with RTU, 7 with ASCII.'),
      stopBits: z.literal([1, 2]).default(1).describe('Stop bits; 2 without parity.')
    })
    .describe('The serial line; devices with the same path share it.')

export const ModbusTcpDevice = z
  .strictObject({
    ...identity,
    protocol: z.literal('modbus-tcp').describe('Modbus TCP.'),
    host: Host.describe('The address of the device, or of the gateway before it.'),
    port: Port.default(502).describe('The TCP port.'),
    ...settings
  })
  .describe('A device that is read over Modbus TCP.')

export const ModbusRtuOverTcpDevice = z
  .strictObject({
    ...identity,
    protocol: z.literal('modbus-rtu-over-tcp').describe('Serial RTU frames carried over TCP, as transparent serial servers do.'),
    host: Host.describe('The address of the serial server.'),
    port: Port.describe('The TCP port of the serial line.'),
    ...settings
  })
  .describe('A device on a serial line behind a transparent serial server.')

export const ModbusRtuDevice = z
  .strictObject({
    ...identity,
    protocol: z.literal('modbus-rtu').describe('Modbus RTU on a serial line.'),
    line: SerialLine(8),
    ...settings
  })
  .describe('A device that is read over Modbus RTU on a serial line.')

export const ModbusAsciiDevice = z
  .strictObject({
    ...identity,
    protocol: z.literal('modbus-ascii').describe('Modbus ASCII on a serial line.'),
    line: SerialLine(7),
    ...settings
  })
  .describe('A device that is read over Modbus ASCII on a serial line.')

export const ModbusDevice = z
  .discriminatedUnion('protocol', [ModbusTcpDevice, ModbusRtuOverTcpDevice, ModbusRtuDevice, ModbusAsciiDevice])
  .describe('A device that is read over Modbus.')
export type ModbusDevice = z.infer<typeof ModbusDevice>
