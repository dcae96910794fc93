// Who is there decides what is shown: the gate, the forced change of a password, or the frame with a page in it.
import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import type { Session } from '#contract/api.ts'
import { VIEWS } from '#contract/sample.ts'
import { forgetAll, useLiveFeed } from './live-page.ts'
import { AlertsPage } from './pages/alerts.tsx'
import { OverviewPage } from './pages/overview.tsx'
import { FirstPasswordPage, SignInPage } from './pages/sign-in.tsx'
import { TagsPage } from './pages/tags.tsx'
import { FaultBox, Guard, Loading, MissingPage } from './parts/fault.tsx'
import { Frame } from './parts/frame.tsx'
import { useSettingsOnPage } from './parts/settings-menu.tsx'
import { queries, sessionQuery } from './queries.ts'
import { useWords } from './words.ts'

// These come when they are first asked for: the drawing of charts is a fifth of all code, and the others are seen less often.
const AccountsPage = lazy(async () => ({ default: (await import('./pages/accounts.tsx')).AccountsPage }))
const AuditPage = lazy(async () => ({ default: (await import('./pages/audit.tsx')).AuditPage }))
const CentrePage = lazy(async () => ({ default: (await import('./pages/centre.tsx')).CentrePage }))
const DevicesPage = lazy(async () => ({ default: (await import('./pages/devices.tsx')).DevicesPage }))
const EventsPage = lazy(async () => ({ default: (await import('./pages/events.tsx')).EventsPage }))
const AlertPage = lazy(async () => ({ default: (await import('./pages/alert.tsx')).AlertPage }))
const RulesPage = lazy(async () => ({ default: (await import('./pages/rules.tsx')).RulesPage }))
const TagPage = lazy(async () => ({ default: (await import('./pages/tag.tsx')).TagPage }))

export function App() {
  useSettingsOnPage()
  return (
    <QueryClientProvider client={queries}>
      <Entrance />
    </QueryClientProvider>
  )
}

function Entrance() {
  const query = useQuery(sessionQuery)
  const gone = query.data === null
  useEffect(() => {
    if (gone) forgetAll()
  }, [gone])
  if (query.data === null) return <SignInPage />
  if (query.data === undefined)
    return (
      <main className="gate">{query.isPending ? <Loading /> : <FaultBox fault={query.error} onRetry={() => void query.refetch()} />}</main>
    )
  return query.data.account.mustChangePassword ? <FirstPasswordPage /> : <Inside session={query.data} />
}

function Inside({ session }: { session: Session }) {
  useLiveFeed()
  return (
    <Frame session={session}>
      <Pages />
    </Frame>
  )
}

function Pages() {
  const words = useWords()
  const [path] = useLocation()
  useTopOfPage(path)
  return (
    <Guard words={words} place={path}>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/">
            <OverviewPage />
          </Route>
          <Route path="/alerts">
            <AlertsPage />
          </Route>
          <Route path="/alerts/:id">{({ id }): ReactNode => <AlertPage key={id} id={id} />}</Route>
          <Route path="/tags">
            <TagsPage />
          </Route>
          <Route path="/tags/:site/:agent/:view/:tag">
            {({ site, agent, view, tag }): ReactNode => {
              const known = VIEWS.find((name) => name === view)
              return known === undefined ? <MissingPage /> : <TagPage key={path} series={{ site, agent, view: known, tag }} />
            }}
          </Route>
          <Route path="/devices">
            <DevicesPage />
          </Route>
          <Route path="/events">
            <EventsPage />
          </Route>
          <Route path="/rules">
            <RulesPage />
          </Route>
          <Route path="/centre">
            <CentrePage />
          </Route>
          <Route path="/audit">
            <AuditPage />
          </Route>
          <Route path="/accounts">
            <AccountsPage />
          </Route>
          <Route>
            <MissingPage />
          </Route>
        </Switch>
      </Suspense>
    </Guard>
  )
}

// A new page begins at its top; going back keeps the place, which the browser restores by itself.
function useTopOfPage(path: string): void {
  const back = useRef(false)
  const before = useRef(path)
  useEffect(() => {
    const onBack = () => {
      back.current = true
    }
    addEventListener('popstate', onBack)
    return () => removeEventListener('popstate', onBack)
  }, [])
  useEffect(() => {
    if (before.current !== path && !back.current) scrollTo(0, 0)
    before.current = path
    back.current = false
  }, [path])
}
