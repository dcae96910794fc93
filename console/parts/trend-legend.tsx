// What each look in the chart means; only what the chart really shows is listed.
import type { PlainWord } from '../i18n.ts'
import { useWords } from '../words.ts'
import type { Scene } from './trend-paint.ts'

export function TrendLegend({ scene }: { scene: Scene }) {
  const { t } = useWords()
  const { plot } = scene
  const banded = plot.high.some((high, i) => high !== null && high !== plot.low[i])
  const items: readonly (readonly [string, PlainWord, boolean])[] = [
    ['line', 'trend.legend.line', plot.times.length > 0],
    ['band', 'trend.legend.band', banded],
    ['agreed', 'trend.legend.agreed', scene.agreed !== undefined],
    ['agreed', 'trend.legend.range', scene.agreed === undefined && scene.range !== undefined],
    ['gap', 'trend.legend.gap', scene.gaps.length > 0],
    ['bad', 'trend.legend.bad', plot.doubts.some(({ quality }) => quality === 'bad')],
    ['uncertain', 'trend.legend.uncertain', plot.doubts.some(({ quality }) => quality === 'uncertain')],
    ['event', 'trend.legend.event', scene.marks.length > 0]
  ]
  return (
    <ul className="legend">
      {items.map(([look, word, present]) =>
        present ? (
          <li key={word}>
            <span className={`legend-mark ${look}`} aria-hidden="true" />
            {t(word)}
          </li>
        ) : null
      )}
    </ul>
  )
}
