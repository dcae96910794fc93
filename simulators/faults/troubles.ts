// What can break in each plant: what people call it, and how much of it is usual, in the unit that the plant counts it in.
import type { Text } from '#contract/text.ts'
import type { ParameterFault } from '../attacks/target.ts'
import type { PlantKind } from '../plants/plant.ts'

export interface Trouble {
  title: Text
  usual: number
  /** Without one, it is there or it is not. */
  unit?: string
}

const SHARE = '0..1'

const trouble = (zh: string, en: string, usual = 1, unit?: string): Trouble => ({
  ...{ title: { zh, en }, usual },
  ...(unit === undefined ? {} : { unit })
})

const POWER = trouble('停电', 'Power cut')
const PUMPS = { 'pump1-trip': trouble('1 号泵跳闸', 'Pump 1 trips'), 'pump2-trip': trouble('2 号泵跳闸', 'Pump 2 trips') }

export const TROUBLES: Readonly<Record<PlantKind, Readonly<Record<string, Trouble>>>> = {
  water: {
    power: POWER,
    ...PUMPS,
    leak: trouble('高区漏损', 'Leak in the upper zone', 25, 'm3/h'),
    'zone2-leak': trouble('低区漏损', 'Leak in the lower zone', 20, 'm3/h'),
    'main-leak': trouble('输水管漏损', 'Leak in the rising main', 20, 'm3/h'),
    'fire-flow': trouble('消防用水', 'Fire brigade draws water', 60, 'm3/h'),
    'dirty-water': trouble('原水浑浊', 'Turbid raw water', 1.5, 'NTU'),
    drought: trouble('地下水位下降', 'Low ground water', 3, 'm'),
    'dosing-fault': trouble('加药中断', 'Dosing line has air', 0.8, SHARE),
    'valve-hangs': trouble('减压阀卡滞', 'Reducing valve hangs', 0.5, SHARE)
  },
  heat: {
    power: POWER,
    'boiler-trip': trouble('锅炉停炉', 'Boiler trips'),
    ...PUMPS,
    'valve-stuck': trouble('调节阀卡住', 'Control valve sticks'),
    leak: trouble('二次网泄漏', 'Leak in the loop', 1.5, 'm3/h'),
    'window-open': trouble('楼内开窗', 'Windows stand open', 0.5, SHARE),
    'exchanger-fouling': trouble('换热器结垢', 'Plates are fouled', 0.4, SHARE),
    'cold-snap': trouble('寒潮', 'Cold snap', 8, '°C')
  },
  gas: {
    power: POWER,
    'heater-trip': trouble('加热器停机', 'Heater trips'),
    'regulator-fail-open': trouble('工作调压器失效全开', 'Worker regulator fails open', 1, SHARE),
    'odorant-empty': trouble('加臭剂用尽', 'Odorant runs out', 1, SHARE),
    leak: trouble('管网泄漏', 'Leak in the network', 150, 'm3/h'),
    'station-leak': trouble('站内泄漏', 'Leak in the station', 5, 'm3/h'),
    'inlet-drop': trouble('进站压力下降', 'Inlet pressure drops', 8, 'bar'),
    'filter-clogged': trouble('过滤器堵塞', 'Filter is clogged', 0.6, SHARE),
    'slam-false-trip': trouble('切断阀误动作', 'Slam-shut trips for nothing')
  }
}

/** A trouble of a plant, if it knows one of that name. */
export const troubleOf = (plant: PlantKind, name: string): Trouble | undefined =>
  Object.hasOwn(TROUBLES[plant], name) ? TROUBLES[plant][name] : undefined

/** What is wrong with the parameters of a breakdown in a plant; they may be anything. */
export function troubleFaults(plant: PlantKind, given: unknown): ParameterFault[] {
  const what = typeof given === 'object' && given !== null && 'what' in given ? String(given.what) : undefined
  if (what === undefined || troubleOf(plant, what) !== undefined) return []
  const names = Object.keys(TROUBLES[plant])
  return [
    {
      key: 'what',
      zh: `${plant} 厂站没有故障 ${what}；有 ${names.join('、')}`,
      en: `a ${plant} plant has no trouble ${what}; it has ${names.join(', ')}`
    }
  ]
}
