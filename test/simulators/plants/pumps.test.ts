import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { efficiency, electricPower, shareFlow, shutoffHead, stepColumn } from '../../../simulators/plants/pumps.ts'

const pump = { shutoffHead: 91, slope: 3e-4, bestFlow: 285, bestEfficiency: 0.79 }
const main = { friction: 1.9e-4, inertia: 0.46 }

describe('two pumps in parallel', () => {
  it('share any flow so that it adds up and both stand at the same head, or one is shut', () => {
    const head = fc.double({ min: 0, max: 91, noNaN: true })
    fc.assert(
      fc.property(fc.double({ min: 0, max: 500, noNaN: true }), head, head, (total, first, second) => {
        const { flows, head: junction } = shareFlow(total, [first, second], pump.slope)
        expect(flows[0] + flows[1]).toBeCloseTo(total, 9)
        expect(Math.min(...flows)).toBeGreaterThanOrEqual(-1e-9)
        for (const [i, shutoff] of [first, second].entries()) {
          const flow = flows[i] ?? 0
          if (flow > 1e-6) expect(shutoff - pump.slope * flow ** 2).toBeCloseTo(junction, 6)
          else if (shutoff > 0) expect(shutoff).toBeLessThanOrEqual(junction + 1e-6)
        }
      })
    )
  })

  it('lets nothing flow through a pump that stands', () => {
    expect(shareFlow(200, [80, 0], pump.slope).flows).toEqual([200, 0])
    expect(shareFlow(200, [0, 80], pump.slope).flows).toEqual([0, 200])
  })
})

describe('one pump', () => {
  it('follows the affinity laws: flow with speed, head with its square, power with its cube', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.3, max: 1, noNaN: true }), fc.double({ min: 10, max: 400, noNaN: true }), (speed, flow) => {
        const head = (s: number, q: number) => shutoffHead(pump, s) - pump.slope * q ** 2
        expect(head(speed, flow * speed)).toBeCloseTo(head(1, flow) * speed ** 2, 6)
        expect(efficiency(pump, speed, flow * speed)).toBeCloseTo(efficiency(pump, 1, flow), 9)
        if (head(1, flow) > 0) expect(electricPower(pump, speed, flow * speed)).toBeCloseTo(electricPower(pump, 1, flow) * speed ** 3, 6)
      })
    )
  })

  it('is most efficient at its best flow and takes the power that its efficiency says', () => {
    expect(efficiency(pump, 1, 285)).toBeCloseTo(0.79)
    expect(efficiency(pump, 1, 150)).toBeLessThan(0.79)
    const flow = 250
    const head = shutoffHead(pump, 1) - pump.slope * flow ** 2
    const hydraulic = (9.81 * flow * head) / 3600
    expect(electricPower(pump, 1, flow)).toBeCloseTo(hydraulic / efficiency(pump, 1, flow) / (0.93 * 0.97), 6)
  })

  it('takes power when it turns against a shut valve and none when it stands', () => {
    expect(electricPower(pump, 1, 0)).toBeGreaterThan(20)
    expect(electricPower(pump, 0, 0)).toBe(0)
  })
})

describe('the water column', () => {
  const shutoffs = [shutoffHead(pump, 0.9), 0] as const

  it.each([0.1, 1, 30])('settles where pump head, height and friction are in balance, in steps of %f s', (seconds) => {
    let flow = 0
    for (let time = 0; time < 120; time += seconds) flow = stepColumn(flow, { shutoffs, slope: pump.slope, staticHead: 43, main, seconds })
    expect(shutoffHead(pump, 0.9) - pump.slope * flow ** 2).toBeCloseTo(43 + main.friction * flow ** 2, 2)
    expect(flow).toBeGreaterThan(200)
  })

  it('never runs back', () => {
    let flow = 100
    for (let i = 0; i < 100; i++) flow = stepColumn(flow, { shutoffs: [10, 0], slope: pump.slope, staticHead: 43, main, seconds: 0.1 })
    expect(flow).toBe(0)
  })

  it('obeys its equation of motion at the end of any step, with any two pumps', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
    fc.assert(
      fc.property(number(0, 400), number(0, 91), number(0, 91), number(0.01, 60), (before, first, second, seconds) => {
        const flow = stepColumn(before, { shutoffs: [first, second], slope: pump.slope, staticHead: 43, main, seconds })
        const { head } = shareFlow(flow, [first, second], pump.slope)
        const residue = (main.inertia * (flow - before)) / seconds - (head - 43 - main.friction * flow ** 2)
        if (flow > 0) expect(Math.abs(residue) * seconds).toBeLessThan(1e-6 * (1 + before) * Math.max(1, seconds))
        else expect(residue).toBeGreaterThanOrEqual(-1e-6)
      })
    )
  })
})
