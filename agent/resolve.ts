// Any device of the config made ready to be read, whatever its protocol: the one place that tells protocols apart before there
// are sources.
import type { DeviceConfig } from './config.ts'
import type { Defaults, ModbusDevice } from './modbus/config.ts'
import { type ResolvedDevice, resolveDevice } from './modbus/resolve.ts'
import type { OpcUaDevice } from './opcua/config.ts'
import { type OpcUaPlan, resolveOpcUa } from './opcua/resolve.ts'

export type DevicePlan =
  | { family: 'modbus'; config: ModbusDevice; resolved: ResolvedDevice }
  | { family: 'opcua'; config: OpcUaDevice; resolved: OpcUaPlan }

/** The device with its tags (`resolved.tags`: what the contract says of each, and its deadband) and its requests a second. */
export function planOf(config: DeviceConfig, defaults: Defaults): DevicePlan {
  return config.protocol === 'opcua'
    ? { family: 'opcua', config, resolved: resolveOpcUa(config, defaults) }
    : { family: 'modbus', config, resolved: resolveDevice(config, defaults) }
}

export function isModbus(config: DeviceConfig): config is ModbusDevice {
  return config.protocol !== 'opcua'
}
