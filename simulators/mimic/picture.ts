// The parts that pictures of plants are drawn from, as SVG. What moves carries the name of its tag; the page does the moving.
import { type Language, pick, type Text } from '#contract/text.ts'

export interface Picture {
  width: number
  height: number
  /** What is drawn, in the order in which it lies on top of each other. */
  parts: (language: Language) => string[]
}

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)

interface At {
  x: number
  y: number
}

/** A pipe through these corners; `flow` names the tag by which its water moves. */
export function pipe(
  corners: readonly (readonly [number, number])[],
  options: { kind: 'water' | 'hot' | 'cold' | 'gas'; flow?: string }
): string {
  const points = corners.map((corner) => corner.join(',')).join(' ')
  const moving = options.flow === undefined ? '' : `<polyline class="stream" data-on="${options.flow}" points="${points}"/>`
  return `<polyline class="pipe ${options.kind}" points="${points}"/>${moving}`
}

/** A vessel that fills with its tag, from low at the bottom to high at the top. */
export function tank(
  o: At & { width: number; height: number; tag: string; low: number; high: number; kind?: 'water' | 'hot' | 'gas' }
): string {
  const { x, y, width, height, tag, low, high, kind = 'water' } = o
  return (
    `<g><rect class="vessel" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>` +
    `<rect class="filling ${kind}" data-level="${tag}" data-low="${low}" data-high="${high}" data-top="${y}" data-height="${height}"` +
    ` x="${x + 2}" y="${y + height}" width="${width - 4}" height="0"/></g>`
  )
}

/** A pump whose wheel turns while its tag is not 0. */
export function pump({ x, y, running, fault }: At & { running: string; fault?: string }): string {
  const alarm = fault === undefined ? '' : ` data-alarm="${fault}"`
  return (
    `<g transform="translate(${x} ${y})"><circle class="machine" data-on="${running}"${alarm} r="22"/>` +
    `<path class="wheel" data-turns="${running}" d="M0-15 4-4 15 0 4 4 0 15-4 4-15 0-4-4Z"/></g>`
  )
}

/** A valve; it is coloured by how far its tag is open, and red when the other tag is on. */
export function valve({ x, y, open, alarm }: At & { open?: string; alarm?: string }): string {
  const marks = `${open === undefined ? '' : ` data-on="${open}"`}${alarm === undefined ? '' : ` data-alarm="${alarm}"`}`
  return `<path class="machine"${marks} transform="translate(${x} ${y})" d="M-18-12 18 12 18-12-18 12Z"/>`
}

/** A plate with a hole, across the pipe. */
export const orifice = ({ x, y }: At): string =>
  `<path class="machine" transform="translate(${x} ${y})" d="M-4-16V-6M-4 6V16M4-16V-6M4 6V16"/>`

/** A lamp that is red while its tag is on. */
export const lamp = ({ x, y, tag, text }: At & { tag: string; text: Text }, language: Language): string =>
  `<g class="alarmed" data-alarm="${tag}"><circle class="lamp" data-alarm="${tag}" cx="${x}" cy="${y}" r="7"/>${label({ x: x + 14, y: y + 5, text }, language)}</g>`

export const label = (
  { x, y, text, anchor = 'start' }: At & { text: Text; anchor?: 'start' | 'middle' | 'end' },
  language: Language
): string => `<text class="label" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(pick(text, language))}</text>`

/** The value of a tag in a frame; the page adds what it is called, for who points at it. */
export const reading = ({ x, y, tag, width = 104 }: At & { tag: string; width?: number }): string =>
  `<g class="reading" data-wrong="${tag}"><title>${tag}</title><rect x="${x}" y="${y}" width="${width}" height="24" rx="3"/>` +
  `<text data-value="${tag}" x="${x + width - 7}" y="${y + 17}" text-anchor="end">–</text></g>`

export const box = ({ x, y, width, height, text }: At & { width: number; height: number; text: Text }, language: Language): string =>
  `<g><rect class="vessel" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>` +
  `${label({ x: x + width / 2, y: y + height / 2 + 5, text, anchor: 'middle' }, language)}</g>`
