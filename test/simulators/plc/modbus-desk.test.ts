import { describe, expect, it } from 'vitest'
import { mapOf } from '../../../simulators/maps.ts'
import { PLANTS } from '../../../simulators/plants/plant.ts'
import { ModbusDesk } from '../../../simulators/plc/modbus-desk.ts'
import { imageOf } from '../../../simulators/plc/tag-map.ts'
import { directLink } from '../../parts/direct-link.ts'

describe.each(PLANTS)('the desk at a PLC of a %s plant', (plant) => {
  const map = mapOf(plant)
  const rows = Object.entries(map.tags)
  const prepare = () => {
    const image = imageOf(map)
    const asked: Uint8Array[] = []
    const link = directLink({ image, host: '127.0.0.10' })
    const request = (pdu: Uint8Array) => {
      asked.push(pdu)
      return link.request(pdu)
    }
    return { image, asked, desk: new ModbusDesk({ map, link: { ...link, request } }) }
  }

  it('writes no tag that lies where nobody can write, nor what was to be written beside it', async () => {
    const [writable = ''] = rows.find(([, { role }]) => role === 'setpoint') ?? []
    const shown = rows.filter(([, { place }]) => place.table === 'inputRegisters' || place.table === 'discreteInputs')
    expect(shown.length).toBeGreaterThan(5)
    const { image, asked, desk } = prepare()
    for (const [tag] of shown) await expect(desk.write({ [writable]: 1, [tag]: 0 })).rejects.toThrow(RangeError)
    expect(asked).toEqual([])
    expect(image).toEqual(imageOf(map))
  })

  it('writes and reads back every setpoint and command', async () => {
    const { desk } = prepare()
    const written = rows.filter(([, { role }]) => role === 'setpoint' || role === 'command').map(([tag]) => tag)
    for (const tag of written) {
      await desk.write({ [tag]: 1 })
      await desk.look(0)
      expect([tag, desk.value(tag)]).toEqual([tag, 1])
    }
  })
})
