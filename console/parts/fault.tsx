// What stands in place of content: loading, nothing there, or a fault said in plain words with a way to try again.
import { Component, type ReactNode } from 'react'
import { Link } from 'wouter'
import { ApiFault } from '../api.ts'
import { useWords, type Words } from '../words.ts'

// The collector says in the language of the page what it refuses and why; only what never came from it is said here.
export function faultText(fault: unknown, t: Words['t']): string {
  if (!(fault instanceof ApiFault)) return String(fault)
  if (fault.status === 0) return t('fault.network')
  if (fault.status === 408) return t('fault.timeout')
  if (fault.code === 'UNKNOWN') return t('fault.server', { status: String(fault.status) })
  const places = fault.faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  return [fault.message, ...places].join('\n')
}

export function FaultBox({ fault, onRetry }: { fault: unknown; onRetry?: (() => void) | undefined }) {
  const { t } = useWords()
  return (
    <div className="fault" role="alert">
      <p className="fault-title">{t('fault.title')}</p>
      <p className="fault-text">{faultText(fault, t)}</p>
      {onRetry === undefined ? null : (
        <button type="button" className="button" onClick={onRetry}>
          {t('ui.retry')}
        </button>
      )}
    </div>
  )
}

export function Loading() {
  const { t } = useWords()
  return (
    <p className="loading" role="status">
      {t('ui.loading')}
    </p>
  )
}

export function Empty({ title, hint }: { title: string; hint?: string }) {
  return (
    <div className="empty">
      <p>{title}</p>
      {hint === undefined ? null : <p className="quiet">{hint}</p>}
    </div>
  )
}

interface Asked {
  isPending: boolean
  error: unknown
  refetch(): unknown
}

// The usual frame around one question to the collector. An older answer stays when a later one fails.
export function Answer<T>({ query, children }: { query: Asked & { data: T | undefined }; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.isPending) return <Loading />
  return <FaultBox fault={query.error} onRetry={() => void query.refetch()} />
}

export function MissingPage() {
  const { t } = useWords()
  return (
    <div className="empty">
      <p>{t('fault.page')}</p>
      <Link href="/">{t('fault.home')}</Link>
    </div>
  )
}

interface GuardProps {
  children: ReactNode
  words: Words
  /** A new value forgets the fault: the person went to another page. */
  place: string
}

// React offers the catching of render faults to classes only.
export class Guard extends Component<GuardProps, { fault: unknown; place: string }> {
  override state = { fault: null as unknown, place: this.props.place }

  static getDerivedStateFromError(fault: unknown) {
    return { fault }
  }

  static getDerivedStateFromProps({ place }: GuardProps, state: { place: string }) {
    return place === state.place ? null : { fault: null, place }
  }

  override render() {
    if (this.state.fault === null) return this.props.children
    const { t } = this.props.words
    return (
      <div className="fault" role="alert">
        <p className="fault-title">{t('fault.crash')}</p>
        <p className="fault-text">{String(this.state.fault)}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          {t('fault.reload')}
        </button>
      </div>
    )
  }
}
