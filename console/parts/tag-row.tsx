// One tag with its live value. An old value is grey, hatched and says since when it is old.
import { Link } from 'wouter'
import type { TagView } from '#contract/api.ts'
import { useLiveValue } from '../live-page.ts'
import { linkOf, type Series } from '../series.ts'
import { useWords } from '../words.ts'
import { Ago } from './moment.tsx'
import { QualityMark, qualityName } from './quality.tsx'
import { DeviceName, SiteName } from './site-name.tsx'
import { TagValue } from './tag-value.tsx'

interface Props {
  view: TagView
  series: Series
  index: number
}

export function TagRow({ view, series, index }: Props) {
  const { t, say } = useWords()
  const { tag } = view
  const { value, stale } = useLiveValue(series, tag.heartbeatMs)
  const latest = value ?? view.latest
  const old = value === undefined ? view.stale : stale
  return (
    <tr aria-rowindex={index + 2} className={old ? 'stale' : undefined}>
      <td className="cell-tag">
        <Link href={linkOf(series)} className="strong">
          {say(tag.title, tag.name)}
        </Link>
        <span className="under code">
          {tag.name}
          {view.view === 'wire' ? ` · ${t('view.wire')}` : ''}
          {tag.retired ? ` · ${t('tag.retired')}` : ''}
        </span>
      </td>
      <td className="cell-value number">
        <TagValue value={latest?.value ?? null} tag={tag} />
      </td>
      <td className="cell-quality">
        {latest === null ? <QualityMark name="none" /> : <QualityMark name={qualityName(latest.quality, old)} quality={latest.quality} />}
      </td>
      <td className="cell-age">
        <Ago at={latest?.time} />
      </td>
      <td className="cell-role">{t(`role.${tag.role}`)}</td>
      <td className="cell-where">
        <SiteName id={view.site} />
        <span className="under">
          <DeviceName site={view.site} agent={view.agent} id={tag.device} />
        </span>
      </td>
    </tr>
  )
}
