// A pack for the timelines: the tower may hold at most ten metres, and the pump may not run too fast for five seconds.
import { parsePack } from '#rules/pack.ts'

const text = (en: string) => ({ zh: `测试：${en}`, en })
const words = (en: string) => ({ title: text(en), why: text(en), reason: text(en), advice: [text('look')] })

export const TEST_PACK = parsePack({
  id: 'test',
  version: '1',
  title: text('test'),
  sector: 'any',
  checks: [
    {
      id: 'level',
      rule: 'process/range',
      severity: 4,
      techniques: ['T0836'],
      applies: { tags: ['tower.level'] },
      parameters: { low: 0, high: 10, hysteresis: 0 },
      clearAfterSeconds: 0,
      ...words('the level is out of range'),
      tests: {
        mustFire: [{ name: 'high', samples: { 'tower.level': [[0, 11]] }, firesAt: 0 }],
        mustStaySilent: [{ name: 'usual', samples: { 'tower.level': [[0, 5]] } }]
      }
    },
    {
      id: 'pump-fast',
      rule: 'process/range',
      severity: 3,
      applies: { tags: ['pump.speed'] },
      parameters: { high: 100, forSeconds: 5 },
      ...words('the pump runs too fast for too long'),
      tests: {
        mustFire: [{ name: 'fast', samples: { 'pump.speed': [{ from: 0, to: 10, values: [120] }] }, firesAt: 5 }],
        mustStaySilent: [{ name: 'usual', samples: { 'pump.speed': [[0, 5]] } }]
      }
    }
  ]
})

/** An agent may say nothing for a second. */
export const SILENCE_PACK = parsePack({
  id: 'silence',
  version: '1',
  title: text('silence'),
  sector: 'any',
  checks: [{ id: 'agent', rule: 'fleet/silence', severity: 3, parameters: { forSeconds: 1 }, ...words('the agent is silent') }]
})
