// The picture of the heat station: boilers, plates, the loop with its pumps, and the buildings.
import { box, label, lamp, type Picture, pipe, pump, reading, tank, valve } from './picture.ts'

export const HEAT_PICTURE: Picture = {
  width: 1180,
  height: 600,
  parts: (language) => [
    pipe(
      [
        [190, 230],
        [470, 230]
      ],
      { kind: 'hot', flow: 'primary.flow' }
    ),
    pipe(
      [
        [470, 400],
        [190, 400]
      ],
      { kind: 'cold', flow: 'primary.flow' }
    ),
    pipe(
      [
        [550, 230],
        [960, 230]
      ],
      { kind: 'hot', flow: 'secondary.flow' }
    ),
    pipe(
      [
        [960, 400],
        [860, 400],
        [860, 360],
        [640, 360],
        [640, 400],
        [550, 400]
      ],
      { kind: 'cold', flow: 'pump1.running' }
    ),
    pipe(
      [
        [860, 400],
        [860, 450],
        [640, 450],
        [640, 400]
      ],
      { kind: 'cold', flow: 'pump2.running' }
    ),
    pipe(
      [
        [600, 540],
        [600, 400]
      ],
      { kind: 'water', flow: 'makeup.running' }
    ),
    box({ x: 70, y: 200, width: 120, height: 230, text: { zh: '锅炉房', en: 'boiler house' } }, language),
    box({ x: 470, y: 190, width: 80, height: 250, text: { zh: '换热器', en: 'plates' } }, language),
    box({ x: 960, y: 190, width: 120, height: 250, text: { zh: '楼宇', en: 'buildings' } }, language),
    tank({ x: 560, y: 500, width: 80, height: 70, tag: 'return.pressure', low: 0, high: 10 }),
    label({ x: 600, y: 588, text: { zh: '补水定压', en: 'make-up, pressure keeping' }, anchor: 'middle' }, language),
    reading({ x: 650, y: 512, tag: 'makeup.flow' }),
    reading({ x: 650, y: 538, tag: 'return.pressure' }),
    valve({ x: 330, y: 230, open: 'valve.position' }),
    label({ x: 352, y: 262, text: { zh: '调节阀', en: 'control valve' } }, language),
    reading({ x: 278, y: 190, tag: 'valve.position' }),
    reading({ x: 78, y: 214, tag: 'boiler.temperature' }),
    label({ x: 130, y: 388, text: { zh: '混水阀', en: 'mixing valve' }, anchor: 'middle' }, language),
    reading({ x: 78, y: 396, tag: 'mixing.position' }),
    reading({ x: 200, y: 244, tag: 'primary.supply-temperature' }),
    reading({ x: 200, y: 414, tag: 'primary.return-temperature' }),
    reading({ x: 330, y: 414, tag: 'primary.flow' }),
    reading({ x: 580, y: 190, tag: 'supply.temperature' }),
    reading({ x: 580, y: 244, tag: 'supply.wanted' }),
    label({ x: 690, y: 261, text: { zh: '曲线目标', en: 'wanted by the curve' } }, language),
    reading({ x: 710, y: 190, tag: 'supply.pressure' }),
    reading({ x: 834, y: 190, tag: 'secondary.flow' }),
    pump({ x: 750, y: 360, running: 'pump1.running', fault: 'pump1.fault' }),
    label({ x: 750, y: 332, text: { zh: '1 号循环泵', en: 'pump 1' }, anchor: 'middle' }, language),
    reading({ x: 698, y: 386, tag: 'pump1.speed' }),
    pump({ x: 750, y: 450, running: 'pump2.running', fault: 'pump2.fault' }),
    label({ x: 690, y: 478, text: { zh: '2 号循环泵', en: 'pump 2' }, anchor: 'end' }, language),
    reading({ x: 698, y: 478, tag: 'pump2.speed' }),
    reading({ x: 870, y: 368, tag: 'return.temperature', width: 84 }),
    reading({ x: 968, y: 330, tag: 'room.temperature' }),
    label({ x: 1020, y: 372, text: { zh: '室温', en: 'rooms' }, anchor: 'middle' }, language),
    lamp({ x: 60, y: 40, tag: 'supply.high-alarm', text: { zh: '供水超温', en: 'supply too hot' } }, language),
    lamp({ x: 60, y: 68, tag: 'pressure.high-alarm', text: { zh: '压力高', en: 'pressure high' } }, language),
    lamp({ x: 60, y: 96, tag: 'pressure.low-alarm', text: { zh: '压力低', en: 'pressure low' } }, language),
    lamp({ x: 60, y: 124, tag: 'pump1.fault', text: { zh: '1 号泵故障', en: 'pump 1 fault' } }, language),
    lamp({ x: 60, y: 152, tag: 'pump2.fault', text: { zh: '2 号泵故障', en: 'pump 2 fault' } }, language),
    label({ x: 280, y: 46, text: { zh: '室外温度', en: 'outdoors' } }, language),
    reading({ x: 420, y: 29, tag: 'outdoor.temperature' }),
    label({ x: 280, y: 76, text: { zh: '曲线斜率', en: 'slope of the curve' } }, language),
    reading({ x: 420, y: 59, tag: 'curve.slope' }),
    label({ x: 280, y: 106, text: { zh: '曲线平移', en: 'shift of the curve' } }, language),
    reading({ x: 420, y: 89, tag: 'curve.shift' }),
    label({ x: 600, y: 46, text: { zh: '热功率', en: 'heat power' } }, language),
    reading({ x: 720, y: 29, tag: 'heat.power' }),
    label({ x: 600, y: 76, text: { zh: '累计热量', en: 'heat counted' } }, language),
    reading({ x: 720, y: 59, tag: 'heat.energy', width: 130 })
  ]
}
