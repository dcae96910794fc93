// A waterworks without sockets, and somebody on the wire between its PLC and the rightful people, for tests.
import type { Tamper, Victim } from '../../../simulators/attacks/attack.ts'
import { Rightful } from '../../../simulators/attacks/rightful.ts'
import { Player } from '../../../simulators/player.ts'
import { ModbusDesk } from '../../../simulators/plc/modbus-desk.ts'
import type { ModbusLink } from '../../../simulators/plc/modbus-link.ts'
import { readTag, tagNamed } from '../../../simulators/plc/tag-map.ts'
import { createWaterWorks } from '../../../simulators/plc/water-plc.ts'
import { directLink } from '../../parts/direct-link.ts'
import { breakageOf } from '../player-parts.ts'

export function prepare() {
  const { plc, map, troubles } = createWaterWorks({ seed: 1 })
  const direct = directLink({ image: plc.image, host: '127.0.0.10' })
  const tampers = new Map<Victim, Tamper>()
  const link: ModbusLink = {
    ...direct,
    async request(pdu) {
      const tamper = tampers.get('operator')
      const asked = tamper?.request?.(Buffer.from(pdu)) ?? Buffer.from(pdu)
      const reply = await direct.request(asked)
      return tamper?.reply?.(Buffer.from(pdu), reply) ?? reply
    }
  }
  const rightful = new Rightful(map)
  const shared = { map, rightful, seconds: 0, falsify: plc.falsify.bind(plc) }
  const player = new Player({
    ...{ site: 'east-water', now: () => 1000, onLabel: () => {} },
    foothold: {
      ...{ ...shared, link: async () => directLink({ image: plc.image, host: '127.0.0.66' }) },
      tamper(victim, tamper) {
        tampers.set(victim, tamper)
        return () => void tampers.delete(victim)
      },
      ...{ past: () => undefined, opcua: null, eyes: null }
    },
    breakage: { ...breakageOf({ plc, troubles }, shared), workstation: async () => ({ ...link, host: '127.0.0.11' }) }
  })
  const truth = (tag: string) => readTag(plc.image, tagNamed(map, tag))
  const desk = new ModbusDesk({ map, link })
  /** As the operator does it: who works by the book tells what was written. */
  const order = async (values: Readonly<Record<string, number>>) => {
    await desk.write(values)
    rightful.wrote(values)
  }
  const shown = async (tag: string) => {
    await desk.look(0)
    return desk.value(tag)
  }
  return { plc, player, rightful, truth, desk, order, shown, tampers, link }
}
