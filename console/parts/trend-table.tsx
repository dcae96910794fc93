// The chart's figures as a table, newest first, for those who cannot see the chart or want the numbers.
import { useState } from 'react'
import type { Trend } from '#contract/api.ts'
import { qualityClass } from '#contract/quality.ts'
import type { Tag } from '#contract/tag.ts'
import { useWords } from '../words.ts'
import { Moment } from './moment.tsx'
import { QualityMark } from './quality.tsx'

export function TrendTable({ trend, tag }: { trend: Trend; tag: Tag | undefined }) {
  const { t, format } = useWords()
  const [open, setOpen] = useState(tag?.dataType === 'string')
  const rows = open ? trend.times.map((time, i) => ({ time, i })).reverse() : []
  return (
    <details className="disclosure" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('trend.asTable')}</summary>
      {open ? (
        <div className="scroll tall">
          <table className="table dense">
            <thead>
              <tr>
                <th scope="col">{t('column.time')}</th>
                {(['trend.last', 'trend.min', 'trend.max', 'trend.mean', 'trend.count'] as const).map((word) => (
                  <th key={word} scope="col" className="number">
                    {t(word)}
                  </th>
                ))}
                <th scope="col">{t('trend.worst')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ time, i }) => (
                <tr key={time}>
                  <td>
                    <Moment at={time} />
                  </td>
                  {(['last', 'min', 'max', 'mean'] as const).map((name) => (
                    <td key={name} className="number">
                      {format.value(trend[name][i] ?? null, tag)}
                    </td>
                  ))}
                  <td className="number">{format.number(trend.count[i] ?? 0)}</td>
                  <td>
                    <QualityMark name={qualityClass(trend.quality[i] ?? 0)} quality={trend.quality[i] ?? 0} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </details>
  )
}
