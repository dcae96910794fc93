// The picture of the waterworks: wells, pumps, dosing, tower and zones.
import { box, label, lamp, type Picture, pipe, pump, reading, tank, valve } from './picture.ts'

export const WATER_PICTURE: Picture = {
  width: 1180,
  height: 590,
  parts: (language) => [
    pipe(
      [
        [150, 420],
        [260, 420],
        [260, 340],
        [330, 340]
      ],
      { kind: 'water', flow: 'pump1.running' }
    ),
    pipe(
      [
        [260, 420],
        [260, 490],
        [330, 490]
      ],
      { kind: 'water', flow: 'pump2.running' }
    ),
    pipe(
      [
        [330, 340],
        [430, 340],
        [430, 405],
        [520, 405]
      ],
      { kind: 'water', flow: 'pump1.running' }
    ),
    pipe(
      [
        [330, 490],
        [430, 490],
        [430, 405]
      ],
      { kind: 'water', flow: 'pump2.running' }
    ),
    pipe(
      [
        [520, 405],
        [700, 405],
        [700, 180],
        [760, 180]
      ],
      { kind: 'water', flow: 'tower.inflow' }
    ),
    pipe(
      [
        [820, 250],
        [820, 405],
        [920, 405]
      ],
      { kind: 'water', flow: 'zone.flow' }
    ),
    pipe(
      [
        [820, 405],
        [820, 490],
        [920, 490]
      ],
      { kind: 'water', flow: 'zone2.flow' }
    ),
    tank({ x: 90, y: 330, width: 60, height: 170, tag: 'well.level', low: 0, high: 30 }),
    label({ x: 120, y: 322, text: { zh: '水井', en: 'wells' }, anchor: 'middle' }, language),
    reading({ x: 68, y: 508, tag: 'well.level' }),
    pump({ x: 330, y: 340, running: 'pump1.running', fault: 'pump1.fault' }),
    label({ x: 330, y: 308, text: { zh: '1 号泵', en: 'pump 1' }, anchor: 'middle' }, language),
    reading({ x: 278, y: 368, tag: 'pump1.speed' }),
    reading({ x: 278, y: 394, tag: 'pump1.flow' }),
    pump({ x: 330, y: 490, running: 'pump2.running', fault: 'pump2.fault' }),
    label({ x: 330, y: 462, text: { zh: '2 号泵', en: 'pump 2' }, anchor: 'middle' }, language),
    reading({ x: 278, y: 518, tag: 'pump2.speed' }),
    reading({ x: 278, y: 544, tag: 'pump2.flow' }),
    box({ x: 500, y: 310, width: 120, height: 40, text: { zh: '加药', en: 'chlorine dosing' } }, language),
    pipe(
      [
        [560, 350],
        [560, 405]
      ],
      { kind: 'cold', flow: 'dosing.running' }
    ),
    reading({ x: 508, y: 280, tag: 'dosing.rate' }),
    label({ x: 560, y: 270, text: { zh: '加药量', en: 'dosing rate' }, anchor: 'middle' }, language),
    reading({ x: 588, y: 420, tag: 'chlorine.residual' }),
    label({ x: 640, y: 460, text: { zh: '余氯', en: 'residual' }, anchor: 'middle' }, language),
    reading({ x: 468, y: 420, tag: 'turbidity' }),
    label({ x: 520, y: 460, text: { zh: '浊度', en: 'turbidity' }, anchor: 'middle' }, language),
    tank({ x: 760, y: 110, width: 120, height: 140, tag: 'tower.level', low: 0, high: 6 }),
    label({ x: 820, y: 100, text: { zh: '水塔', en: 'water tower' }, anchor: 'middle' }, language),
    reading({ x: 890, y: 168, tag: 'tower.level' }),
    reading({ x: 590, y: 140, tag: 'tower.inflow' }),
    label({ x: 642, y: 132, text: { zh: '进水流量', en: 'inflow' }, anchor: 'middle' }, language),
    box({ x: 920, y: 380, width: 110, height: 50, text: { zh: '高区', en: 'upper zone' } }, language),
    reading({ x: 1044, y: 380, tag: 'zone.flow' }),
    reading({ x: 1044, y: 406, tag: 'zone.pressure' }),
    valve({ x: 868, y: 490, open: 'zone2.flow' }),
    box({ x: 920, y: 465, width: 110, height: 50, text: { zh: '低区', en: 'lower zone' } }, language),
    reading({ x: 1044, y: 465, tag: 'zone2.flow' }),
    reading({ x: 1044, y: 491, tag: 'zone2.pressure' }),
    lamp({ x: 60, y: 50, tag: 'tower.high-alarm', text: { zh: '水塔高液位', en: 'tower high' } }, language),
    lamp({ x: 60, y: 80, tag: 'tower.low-alarm', text: { zh: '水塔低液位', en: 'tower low' } }, language),
    lamp({ x: 60, y: 110, tag: 'pump1.fault', text: { zh: '1 号泵故障', en: 'pump 1 fault' } }, language),
    lamp({ x: 60, y: 140, tag: 'pump2.fault', text: { zh: '2 号泵故障', en: 'pump 2 fault' } }, language),
    label({ x: 260, y: 56, text: { zh: '余氯设定', en: 'chlorine setpoint' } }, language),
    reading({ x: 420, y: 39, tag: 'chlorine.setpoint' }),
    label({ x: 260, y: 86, text: { zh: '起泵液位', en: 'pump start level' } }, language),
    reading({ x: 420, y: 69, tag: 'tower.start-setpoint' }),
    label({ x: 260, y: 116, text: { zh: '停泵液位', en: 'pump stop level' } }, language),
    reading({ x: 420, y: 99, tag: 'tower.stop-setpoint' })
  ]
}
