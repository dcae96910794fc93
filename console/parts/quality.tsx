// Quality of a value, and the share of tags by quality. Stale and missing values never look like good ones.
import { QUALITY_TEXTS, qualityClass } from '#contract/quality.ts'
import { useWords, type Words } from '../words.ts'

export type QualityName = 'good' | 'uncertain' | 'bad' | 'stale' | 'none'

export function QualityMark({ name, quality }: { name: QualityName; quality?: number }) {
  const { t, say } = useWords()
  const known = quality === undefined || quality === 0 ? undefined : qualityText(quality, say)
  return (
    <span className={`quality ${name}`}>
      <span className="quality-dot" aria-hidden="true" />
      <span>{t(`quality.${name}`)}</span>
      {known === undefined ? null : (
        <span className="quality-why" title={known}>
          {known}
        </span>
      )}
    </span>
  )
}

// Codes without a text are legal: they are shown by number.
export function qualityText(quality: number, say: Words['say']): string {
  return say(QUALITY_TEXTS.get(quality)?.text, `0x${quality.toString(16).padStart(8, '0')}`)
}

export function qualityName(quality: number, stale: boolean): QualityName {
  return stale ? 'stale' : qualityClass(quality)
}

export interface QualityCounts {
  good: number
  uncertain: number
  bad: number
  stale: number
}

const SHARES = ['good', 'uncertain', 'bad', 'stale'] as const
const WIDTH = 200

export function QualityBar({ counts }: { counts: QualityCounts }) {
  const { t, format } = useWords()
  const total = SHARES.reduce((sum, name) => sum + counts[name], 0)
  let x = 0
  const bars = sharesOf(counts, total).map(({ name, width }) => {
    // The pattern is drawn once, in the frame of the page.
    const fill = name === 'stale' ? { fill: 'url(#hatch)' } : {}
    const bar = <rect key={name} className={`share ${name}`} {...fill} x={x} y="0" width={width} height="8" />
    x += width
    return bar
  })
  return (
    <span className="quality-bar">
      <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect className="share none" x="0" y="0" width={WIDTH} height="8" />
        {bars}
      </svg>
      <span className="quality-counts">
        {total === 0 ? <span className="quality-count stale">{t('quality.none')}</span> : null}
        {SHARES.filter((name) => counts[name] > 0).map((name) => (
          <span key={name} className={`quality-count ${name}`}>
            {t('quality.count', { quality: t(`quality.${name}`), count: format.number(counts[name]) })}
          </span>
        ))}
      </span>
    </span>
  )
}

// A single bad tag among thousands must still be seen: no share is thinner than 4 of 200, and the widest gives way.
function sharesOf(counts: QualityCounts, total: number): { name: (typeof SHARES)[number]; width: number }[] {
  const shares = SHARES.filter((name) => counts[name] > 0).map((name) => ({ name, width: Math.max(4, (counts[name] / total) * WIDTH) }))
  const widest = shares.reduce((most, share) => Math.max(most, share.width), 0)
  const beyond = shares.reduce((sum, share) => sum + share.width, 0) - WIDTH
  return shares.map((share) => (share.width === widest ? { ...share, width: share.width - beyond } : share))
}
