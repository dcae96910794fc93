// A waterworks without sockets and its player, for tests: time is moved by hand, and links may be spoiled.
import type { Label } from '#contract/label.ts'
import { Rightful } from '../../simulators/attacks/rightful.ts'
import { Player } from '../../simulators/player.ts'
import type { ModbusLink } from '../../simulators/plc/modbus-link.ts'
import { takeValue } from '../../simulators/plc/registers.ts'
import { createWaterWorks } from '../../simulators/plc/water-plc.ts'
import { SETPOINTS } from '../../simulators/plc/water-registers.ts'
import type { Works } from '../../simulators/works.ts'
import { directLink } from '../parts/direct-link.ts'

/** What can break in a works whose line never fails, and whose chances are even. */
export function breakageOf<S extends object>({ plc, troubles }: Pick<Works, 'plc' | 'troubles'>, shared: S) {
  const workstation = async (): Promise<ModbusLink> => directLink({ image: plc.image, host: '127.0.0.11' })
  return { ...shared, plc, troubles, chance: () => 0.5, network: () => {}, workstation }
}

export function prepare(spoil: (link: ModbusLink) => ModbusLink = (link) => link) {
  const { plc, map, troubles } = createWaterWorks({ seed: 1 })
  const shared = { map, rightful: new Rightful(map), seconds: 0, falsify: plc.falsify.bind(plc) }
  const told: Label[] = []
  let now = 1_000_000
  const player = new Player({
    site: 'east-water',
    now: () => now,
    onLabel: (label) => told.push(structuredClone(label)),
    foothold: {
      ...shared,
      get seconds() {
        return now / 1000
      },
      link: async () => spoil(directLink({ image: plc.image, host: '127.0.0.66' })),
      ...{ past: () => undefined, tamper: null, opcua: null, eyes: null }
    },
    breakage: breakageOf({ plc, troubles }, shared)
  })
  const { rightful } = shared
  const setpoint = () => takeValue(plc.image, SETPOINTS['chlorine.setpoint'])
  return {
    plc,
    told,
    player,
    rightful,
    setpoint,
    wait: (ms: number) => {
      now += ms
    }
  }
}
