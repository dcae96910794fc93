// What is painted around the line of a trend: agreed band, gaps as hatching, bad stretches as a strip, moments as marks.
import type uPlot from 'uplot'
import type { Band, Plot } from '../trend-data.ts'
import type { Palette } from './palette.ts'

export interface Mark {
  at: number
  label: string
}

export interface Scene {
  plot: Plot
  agreed: Band | undefined
  range: Band | undefined
  gaps: readonly { from: number; to: number }[]
  marks: readonly Mark[]
}

const STRIP = 5

// Before the line: the declared range as a faint field, the agreed band with edges, gaps.
export function paintBehind(u: uPlot, scene: Scene, palette: Palette): void {
  const { ctx } = u
  ctx.save()
  clip(u)
  if (scene.agreed !== undefined) paintBand(u, scene.agreed, palette.agreed, palette['agreed-edge'])
  else if (scene.range !== undefined) paintBand(u, scene.range, palette.agreed, palette.line)
  for (const gap of scene.gaps) paintGap(u, gap, palette)
  ctx.restore()
}

// After the line: the strip of doubtful stretches and the marks of moments.
export function paintBefore(u: uPlot, scene: Scene, palette: Palette): void {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  ctx.save()
  clip(u)
  for (const { from, to, quality } of scene.plot.doubts) {
    const x = u.valToPos(from, 'x', true)
    ctx.fillStyle = quality === 'bad' ? palette.fail : palette.doubt
    ctx.fillRect(x, bbox.top + bbox.height - STRIP * ratio, Math.max(2 * ratio, u.valToPos(to, 'x', true) - x), STRIP * ratio)
  }
  for (const mark of scene.marks) paintMark(u, mark, palette)
  ctx.restore()
}

function clip(u: uPlot): void {
  const { left, top, width, height } = u.bbox
  u.ctx.beginPath()
  u.ctx.rect(left, top, width, height)
  u.ctx.clip()
}

function paintBand(u: uPlot, { low, high }: Band, fill: string, edge: string): void {
  const { ctx, bbox } = u
  const top = high === null ? bbox.top : u.valToPos(high, 'y', true)
  const bottom = low === null ? bbox.top + bbox.height : u.valToPos(low, 'y', true)
  ctx.fillStyle = fill
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top)
  ctx.strokeStyle = edge
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio])
  for (const y of [high === null ? null : top, low === null ? null : bottom]) {
    if (y === null) continue
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
  }
  ctx.setLineDash([])
}

function paintGap(u: uPlot, gap: { from: number; to: number }, palette: Palette): void {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  const left = u.valToPos(gap.from, 'x', true)
  const width = Math.max(3 * ratio, u.valToPos(gap.to, 'x', true) - left)
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, bbox.top, width, bbox.height)
  ctx.clip()
  ctx.strokeStyle = palette.hatch
  ctx.lineWidth = 1.5 * ratio
  ctx.beginPath()
  for (let x = left - bbox.height; x < left + width; x += 7 * ratio) {
    ctx.moveTo(x, bbox.top + bbox.height)
    ctx.lineTo(x + bbox.height, bbox.top)
  }
  ctx.stroke()
  ctx.restore()
}

function paintMark(u: uPlot, { at, label }: Mark, palette: Palette): void {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  const x = Math.round(u.valToPos(at, 'x', true))
  if (x < bbox.left || x > bbox.left + bbox.width) return
  ctx.strokeStyle = palette.event
  ctx.lineWidth = 1.5 * ratio
  ctx.beginPath()
  ctx.moveTo(x, bbox.top)
  ctx.lineTo(x, bbox.top + bbox.height)
  ctx.stroke()
  ctx.font = `${11 * ratio}px ${palette.font}`
  ctx.textBaseline = 'top'
  ctx.textAlign = 'left'
  const width = ctx.measureText(label).width + 10 * ratio
  const before = x + width > bbox.left + bbox.width
  const left = before ? x - width : x
  ctx.fillStyle = palette.event
  ctx.fillRect(left, bbox.top, width, 17 * ratio)
  ctx.fillStyle = palette.surface
  ctx.fillText(label, left + 5 * ratio, bbox.top + 3.5 * ratio)
}
