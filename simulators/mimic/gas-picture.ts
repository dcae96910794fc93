// The picture of the gas gate station: inlet, filter, heater, two regulator lines, odorant, and the network.
import type { Language } from '#contract/text.ts'
import { box, label, lamp, orifice, type Picture, pipe, pump, reading, tank, valve } from './picture.ts'

export const GAS_PICTURE: Picture = {
  width: 1180,
  height: 600,
  parts: (language) => [
    pipe(
      [
        [60, 330],
        [480, 330]
      ],
      { kind: 'gas', flow: 'station.flow' }
    ),
    pipe(
      [
        [480, 330],
        [480, 250],
        [820, 250],
        [820, 330]
      ],
      { kind: 'gas', flow: 'line1.flow' }
    ),
    pipe(
      [
        [480, 330],
        [480, 430],
        [820, 430],
        [820, 330]
      ],
      { kind: 'gas', flow: 'line2.flow' }
    ),
    pipe(
      [
        [820, 330],
        [980, 330]
      ],
      { kind: 'gas', flow: 'station.flow' }
    ),
    box({ x: 180, y: 305, width: 100, height: 50, text: { zh: '过滤器', en: 'filter' } }, language),
    reading({ x: 178, y: 366, tag: 'filter.drop' }),
    box({ x: 330, y: 295, width: 110, height: 70, text: { zh: '加热器', en: 'heater' } }, language),
    reading({ x: 333, y: 376, tag: 'heater.bath-temperature' }),
    reading({ x: 333, y: 402, tag: 'heater.power' }),
    reading({ x: 60, y: 290, tag: 'inlet.pressure' }),
    reading({ x: 60, y: 346, tag: 'inlet.temperature' }),
    label({ x: 112, y: 282, text: { zh: '进站', en: 'inlet' }, anchor: 'middle' }, language),
    ...([1, 2] as const).flatMap((line) => lineParts(line, language)),
    pipe(
      [
        [880, 520],
        [880, 330]
      ],
      { kind: 'cold', flow: 'odorant.running' }
    ),
    tank({ x: 920, y: 480, width: 70, height: 80, tag: 'odorant.level', low: 0, high: 100, kind: 'gas' }),
    pump({ x: 880, y: 520, running: 'odorant.running', fault: 'odorant.alarm' }),
    label({ x: 880, y: 578, text: { zh: '加臭', en: 'odorant' }, anchor: 'middle' }, language),
    reading({ x: 1000, y: 500, tag: 'odorant.rate' }),
    reading({ x: 1000, y: 526, tag: 'odorant.concentration' }),
    box({ x: 980, y: 300, width: 120, height: 60, text: { zh: '城市管网', en: 'town network' } }, language),
    reading({ x: 840, y: 280, tag: 'outlet.pressure' }),
    label({ x: 892, y: 272, text: { zh: '出站压力', en: 'outlet pressure' }, anchor: 'middle' }, language),
    reading({ x: 988, y: 368, tag: 'network.pressure' }),
    reading({ x: 988, y: 394, tag: 'station.flow' }),
    lamp({ x: 60, y: 40, tag: 'outlet.high-alarm', text: { zh: '出站压力高', en: 'outlet pressure high' } }, language),
    lamp({ x: 60, y: 68, tag: 'outlet.low-alarm', text: { zh: '出站压力低', en: 'outlet pressure low' } }, language),
    lamp({ x: 60, y: 96, tag: 'gas.alarm', text: { zh: '燃气报警', en: 'gas in the station' } }, language),
    lamp({ x: 60, y: 124, tag: 'heater.fault', text: { zh: '加热器故障', en: 'heater fault' } }, language),
    lamp({ x: 220, y: 96, tag: 'line1.slammed', text: { zh: '1 路切断', en: 'line 1 slammed shut' } }, language),
    lamp({ x: 220, y: 124, tag: 'line2.slammed', text: { zh: '2 路切断', en: 'line 2 slammed shut' } }, language),
    lamp({ x: 220, y: 152, tag: 'odorant.alarm', text: { zh: '加臭报警', en: 'odorant alarm' } }, language),
    lamp({ x: 60, y: 152, tag: 'relief.open', text: { zh: '安全阀开启', en: 'relief valve open' } }, language),
    label({ x: 300, y: 46, text: { zh: '压力设定', en: 'pressure setpoint' } }, language),
    reading({ x: 440, y: 29, tag: 'outlet.pressure-setpoint' }),
    label({ x: 300, y: 76, text: { zh: '出站温度', en: 'outlet temperature' } }, language),
    reading({ x: 440, y: 59, tag: 'outlet.temperature' }),
    label({ x: 640, y: 46, text: { zh: '室外温度', en: 'outdoors' } }, language),
    reading({ x: 760, y: 29, tag: 'air.temperature' }),
    label({ x: 640, y: 76, text: { zh: '累计气量', en: 'gas counted' } }, language),
    reading({ x: 760, y: 59, tag: 'station.total', width: 130 })
  ]
}

// Metering comes first, where the pressure is that of the transmission line; then slam-shut, monitor and worker.
function lineParts(line: 1 | 2, language: Language): string[] {
  const y = line === 1 ? 250 : 430
  const name = (x: number, zh: string, en: string) => label({ x, y: y - 24, text: { zh, en }, anchor: 'middle' }, language)
  return [
    orifice({ x: 544, y }),
    reading({ x: 492, y: y - 46, tag: `line${line}.flow` }),
    reading({ x: 492, y: y + 22, tag: `line${line}.pressure` }),
    label({ x: 544, y: y + 62, text: { zh: `${line} 路计量`, en: `metering, line ${line}` }, anchor: 'middle' }, language),
    valve({ x: 640, y, open: `line${line}.valve-open`, alarm: `line${line}.slammed` }),
    valve({ x: 708, y, open: `line${line}.monitor-opening` }),
    valve({ x: 776, y, open: `line${line}.worker-opening` }),
    name(640, '切断阀', 'slam-shut'),
    name(708, '监控', 'monitor'),
    name(776, '工作', 'worker'),
    reading({ x: 704, y: y + 18, tag: `line${line}.worker-opening` })
  ]
}
