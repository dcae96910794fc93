// The audit trail, newest first, and whether the chain of hashes holds.
import { useInfiniteQuery } from '@tanstack/react-query'
import type { AuditEntry } from '#contract/api.ts'
import { useSession } from '../live-page.ts'
import { Empty, FaultBox, Loading } from '../parts/fault.tsx'
import { Icon } from '../parts/icon.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageTitle } from '../parts/page.tsx'
import { auditQuery } from '../queries.ts'
import { useWords } from '../words.ts'

export function AuditPage() {
  const { t } = useWords()
  const auditor = useSession()?.account.role === 'auditor'
  return (
    <>
      <PageTitle title={t('audit.title')} />
      {auditor ? <Trail /> : <Empty title={t('audit.forbidden')} />}
    </>
  )
}

function Trail() {
  const { t } = useWords()
  const query = useInfiniteQuery(auditQuery)
  if (query.data === undefined) return query.isPending ? <Loading /> : <FaultBox fault={query.error} onRetry={() => void query.refetch()} />
  const entries = query.data.pages.flatMap((page) => page.entries)
  const intact = query.data.pages[0]?.intact ?? false
  return (
    <>
      <section className={intact ? 'proof' : 'proof broken'} data-testid="chain">
        <Icon name="shield" />
        <p>{t(intact ? 'audit.intact' : 'audit.broken')}</p>
      </section>
      {entries.length === 0 ? <Empty title={t('audit.none')} /> : null}
      <div className="scroll">
        <table className="table dense">
          <thead>
            <tr>
              <th scope="col" className="number">
                №
              </th>
              <th scope="col">{t('column.time')}</th>
              <th scope="col">{t('audit.account')}</th>
              <th scope="col">{t('audit.action')}</th>
              <th scope="col">{t('audit.subject')}</th>
              <th scope="col">{t('audit.detail')}</th>
              <th scope="col">{t('audit.hash')}</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Entry key={entry.sequence} entry={entry} />
            ))}
          </tbody>
        </table>
      </div>
      {query.hasNextPage ? (
        <div className="table-foot">
          <button type="button" className="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('ui.more')}
          </button>
        </div>
      ) : null}
    </>
  )
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { t } = useWords()
  return (
    <tr>
      <td className="number">{entry.sequence}</td>
      <td>
        <Moment at={entry.time} form="dateTime" />
      </td>
      <td>{entry.account ?? <span className="quiet">{t('audit.system')}</span>}</td>
      <td>
        <code>{entry.action}</code>
      </td>
      <td>
        <code className="break">{entry.subject}</code>
      </td>
      <td>
        <code className="break">{Object.keys(entry.detail).length === 0 ? '' : JSON.stringify(entry.detail)}</code>
      </td>
      <td>
        <code title={entry.hash}>{entry.hash.slice(0, 12)}</code>
      </td>
    </tr>
  )
}
