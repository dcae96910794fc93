// What can break in each plant: what people call it, and how much of it is usual, in the unit that the plant counts it in.
import type { Text } from '#contract/text.ts'
import type { ParameterFault } from '../attacks/target.ts'
import type { PlantKind } from '../plants/plant.ts'

export interface Trouble {
  title: Text
  usual: number
  /** The most that the model of the plant makes sense of. */
  most: number
  /** Without one, it is there or it is not. */
  unit?: string
}

const trouble = (zh: string, en: string): Trouble => ({ title: { zh, en }, usual: 1, most: 1 })
const share = (zh: string, en: string, usual = 1): Trouble => ({ title: { zh, en }, usual, most: 1, unit: '0..1' })
const amount = (zh: string, en: string, { usual, most, unit }: Omit<Trouble, 'title'> & { unit: string }): Trouble => ({
  ...{ title: { zh, en }, usual, most, unit }
})

const POWER = trouble('停电', 'Power cut')
const PUMPS = { 'pump1-trip': trouble('1 号泵跳闸', 'Pump 1 trips'), 'pump2-trip': trouble('2 号泵跳闸', 'Pump 2 trips') }

export const TROUBLES: Readonly<Record<PlantKind, Readonly<Record<string, Trouble>>>> = {
  water: {
    power: POWER,
    ...PUMPS,
    leak: amount('高区漏损', 'Leak in the upper zone', { usual: 25, most: 200, unit: 'm3/h' }),
    'zone2-leak': amount('低区漏损', 'Leak in the lower zone', { usual: 20, most: 200, unit: 'm3/h' }),
    'main-leak': amount('输水管漏损', 'Leak in the rising main', { usual: 20, most: 200, unit: 'm3/h' }),
    'fire-flow': amount('消防用水', 'Fire brigade draws water', { usual: 60, most: 300, unit: 'm3/h' }),
    'dirty-water': amount('原水浑浊', 'Turbid raw water', { usual: 1.5, most: 50, unit: 'NTU' }),
    drought: amount('地下水位下降', 'Low ground water', { usual: 3, most: 20, unit: 'm' }),
    'dosing-fault': share('加药中断', 'Dosing line has air', 0.8),
    'valve-hangs': share('减压阀卡滞', 'Reducing valve hangs', 0.5)
  },
  heat: {
    power: POWER,
    'boiler-trip': trouble('锅炉停炉', 'Boiler trips'),
    ...PUMPS,
    'valve-stuck': trouble('调节阀卡住', 'Control valve sticks'),
    leak: amount('二次网泄漏', 'Leak in the loop', { usual: 1.5, most: 50, unit: 'm3/h' }),
    'window-open': share('楼内开窗', 'Windows stand open', 0.5),
    'exchanger-fouling': share('换热器结垢', 'Plates are fouled', 0.4),
    'cold-snap': amount('寒潮', 'Cold snap', { usual: 8, most: 30, unit: '°C' })
  },
  gas: {
    power: POWER,
    'heater-trip': trouble('加热器停机', 'Heater trips'),
    'regulator-fail-open': share('工作调压器失效全开', 'Worker regulator fails open'),
    'odorant-empty': share('加臭剂用尽', 'Odorant runs out'),
    leak: amount('管网泄漏', 'Leak in the network', { usual: 150, most: 20_000, unit: 'm3/h' }),
    'station-leak': amount('站内泄漏', 'Leak in the station', { usual: 5, most: 500, unit: 'm3/h' }),
    'inlet-drop': amount('进站压力下降', 'Inlet pressure drops', { usual: 8, most: 24, unit: 'bar' }),
    'filter-clogged': share('过滤器堵塞', 'Filter is clogged', 0.6),
    'slam-false-trip': trouble('切断阀误动作', 'Slam-shut trips for nothing')
  }
}

/** A trouble of a plant, if it knows one of that name. */
export const troubleOf = (plant: PlantKind, name: string): Trouble | undefined =>
  Object.hasOwn(TROUBLES[plant], name) ? TROUBLES[plant][name] : undefined

/** What is wrong with the parameters of a breakdown in a plant; they may be anything. */
export function troubleFaults(plant: PlantKind, given: unknown): ParameterFault[] {
  if (typeof given !== 'object' || given === null || !('what' in given)) return []
  const what = String(given.what)
  const known = troubleOf(plant, what)
  if (known === undefined) {
    const names = Object.keys(TROUBLES[plant])
    return [
      {
        key: 'what',
        zh: `${plant} 厂站没有故障 ${what}；有 ${names.join('、')}`,
        en: `a ${plant} plant has no trouble ${what}; it has ${names.join(', ')}`
      }
    ]
  }
  const much = 'amount' in given ? given.amount : undefined
  if (typeof much !== 'number' || isAmount(known, much)) return []
  const { most, unit } = known
  if (unit === undefined)
    return [{ key: 'amount', zh: `${what} 只有有无之分：amount 只能是 1`, en: `${what} is there or is not: its amount can only be 1` }]
  return [
    {
      key: 'amount',
      zh: `${what} 须大于 0 且不超过 ${most}（${unit}）`,
      en: `${what} must be above 0 and at most ${most} (${unit})`
    }
  ]
}

const isAmount = ({ most, unit }: Trouble, much: number): boolean => (unit === undefined ? much === 1 : much > 0 && much <= most)
