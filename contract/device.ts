// A device is one PLC, RTU or meter that an agent reads.
import { z } from 'zod'
import { Id } from './site.ts'
import { Text } from './text.ts'

export const PROTOCOLS = ['modbus-tcp', 'modbus-rtu-over-tcp', 'modbus-rtu', 'modbus-ascii', 'opcua'] as const

export const Device = z.strictObject({
  id: Id.describe('The identifier of the device, unique within its agent.'),
  title: Text.optional().describe('The name that people know the device by.'),
  protocol: z.enum(PROTOCOLS).describe('The protocol by which the agent reads the device.'),
  endpoint: z
    .string()
    .max(200)
    .describe('Where the device answers, as host:port and unit, as a serial line and unit, or as an endpoint URL.')
})
export type Device = z.infer<typeof Device>

export const DEVICE_STATES = ['online', 'degraded', 'offline'] as const
export type DeviceState = (typeof DEVICE_STATES)[number]
