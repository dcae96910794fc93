// A Modbus device that has tags of a profile, as if all of it stood in its own config: so that some of its tags can be chosen.
import type { Defaults, ModbusDevice } from '../modbus/config.ts'
import { resolveDevice } from '../modbus/resolve.ts'
import type { ModbusTag } from '../modbus/tag-config.ts'

/** Reads the same addresses as before, with the same limits. */
export function writtenOut(device: ModbusDevice, defaults: Defaults): ModbusDevice {
  if (device.profile === undefined) return device
  const { limits, quirks, minGapMs, tags } = resolveDevice(device, defaults)
  const { maxRegistersPerRead, maxBitsPerRead, maxGap, forbidden } = limits
  return {
    ...device,
    ...{ maxRegistersPerRead, maxBitsPerRead, maxGap, forbidden: [...forbidden] },
    profile: undefined,
    quirks: { ...quirks, addressBase: 0 },
    budget: { ...device.budget, minGapMs },
    tags: tags.map(({ tag, span, deadband, form }): ModbusTag => {
      const { name, title, role, unit, range, cadenceMs, heartbeatMs } = tag
      const { table, address } = span
      const { type, order, bit, length, scale, offset, absent } = form
      const numbers = absent === undefined ? undefined : [...absent]
      return {
        ...{ name, title, role, unit, range, cadenceMs, heartbeatMs, deadband, table, address, type, order, bit, length },
        ...{ scale, offset, absent: numbers }
      }
    })
  }
}
