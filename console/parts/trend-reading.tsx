// The figures under the cursor, or the newest ones, above the line.
import type { Tag } from '#contract/tag.ts'
import type { Plot } from '../trend-data.ts'
import { useWords } from '../words.ts'
import { TagValue } from './tag-value.tsx'

export function TrendReading({ plot, index, tag, bucketMs }: { plot: Plot; index: number | null; tag: Tag | undefined; bucketMs: number }) {
  const { t, format } = useWords()
  const at = index ?? plot.last.findLastIndex((value) => value !== null)
  const time = plot.times[at]
  const low = plot.low[at] ?? null
  const high = plot.high[at] ?? null
  return (
    <p className="reading">
      {time === undefined ? null : (
        <>
          <span className="reading-time">{format.moment(time)}</span>
          <TagValue value={plot.last[at] ?? null} tag={tag} />
          {low !== null && high !== null && high > low && tag?.dataType !== 'bool' ? (
            <span className="quiet">
              {t('trend.min')} {format.value(low, tag)} · {t('trend.max')} {format.value(high, tag)}
            </span>
          ) : null}
        </>
      )}
      <span className="reading-bucket quiet">{t('trend.bucket', { duration: format.duration(bucketMs) })}</span>
    </p>
  )
}
