// Text can be read in both appearances: at least 4.5 : 1 on every ground it stands on (WCAG 2.2, 1.4.3).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const css = readFileSync(join(import.meta.dirname, '../../console/style/tokens.css'), 'utf8')

function coloursOf(selector: string): Map<string, string> {
  const start = css.indexOf(`${selector} {`)
  const block = css.slice(start, css.indexOf('\n}', start))
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]))
}

const light = coloursOf('\n:root')
const dark = new Map([...light, ...coloursOf(':root[data-theme="dark"]')])

// Relative luminance as WCAG defines it.
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

const PAIRS: readonly (readonly [ink: string, ground: string])[] = [
  ...['ink', 'ink-2', 'ink-3', 'accent', 'fail', 'doubt', 'sev5', 'sev4', 'sev3', 'sev2', 'sev1'].flatMap((ink) =>
    ['ground', 'surface', 'sunken', 'raised'].map((ground) => [ink, ground] as const)
  ),
  ...['surface'].flatMap((ink) => ['fail', 'sev5', 'sev4', 'sev3', 'ink'].map((ground) => [ink, ground] as const)),
  ['accent-ink', 'accent'],
  ['accent', 'accent-soft'],
  ['ink', 'accent-soft'],
  ['ink-2', 'accent-soft'],
  ['ink-3', 'accent-soft'],
  ['ink', 'fail-soft'],
  ['fail', 'fail-soft']
]

describe.each([
  ['light', light],
  ['dark', dark]
])('%s', (_, colours) => {
  test('every pair of text and ground', () => {
    const poor = PAIRS.map(([ink, ground]) => ({
      ink,
      ground,
      ratio: contrast(colours.get(ink) ?? '#000000', colours.get(ground) ?? '#000000')
    }))
    expect(poor.filter(({ ratio }) => ratio < 4.5).map(({ ink, ground, ratio }) => `${ink} on ${ground}: ${ratio.toFixed(2)}`)).toEqual([])
  })
})

test('both ways into the dark appearance have the same colours', () => {
  const bySystem = coloursOf('  :root:not([data-theme="light"])')
  const byChoice = coloursOf(':root[data-theme="dark"]')
  expect(bySystem.size).toBeGreaterThan(20)
  expect(Object.fromEntries(bySystem)).toEqual(Object.fromEntries(byChoice))
})

test('the four colours of official warnings are not used for severity', () => {
  const hues = ['sev5', 'sev4', 'sev3'].map((name) => hueOf(light.get(name) ?? ''))
  // Violet to crimson: between blue and red, short of both.
  for (const hue of hues) expect(hue > 245 && hue < 350, `hue ${hue}`).toBe(true)
})

function hueOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  const most = Math.max(red, green, blue)
  const span = most - Math.min(red, green, blue) || 1
  const part = most === red ? ((green - blue) / span + 6) % 6 : most === green ? (blue - red) / span + 2 : (red - green) / span + 4
  return part * 60
}
