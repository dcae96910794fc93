// The frame around every page: navigation at the side (below on a narrow screen), the bar above, the live line.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import type { Session } from '#contract/api.ts'
import type { PlainWord } from '../i18n.ts'
import { overviewQuery } from '../queries.ts'
import { useWords } from '../words.ts'
import { AccountMenu } from './account-menu.tsx'
import { Brand } from './brand.tsx'
import { Icon, type IconName } from './icon.tsx'
import { Clock, LiveLine, LiveMark } from './live-line.tsx'
import { Said } from './say.tsx'
import { LanguageSwitch, ThemeSwitch } from './settings-menu.tsx'

interface Place {
  href: string
  icon: IconName
  word: PlainWord
  short: PlainWord
}

const PLACES: readonly Place[] = [
  { href: '/', icon: 'overview', word: 'nav.overview', short: 'nav.overview.short' },
  { href: '/alerts', icon: 'alert', word: 'nav.alerts', short: 'nav.alerts.short' },
  { href: '/tags', icon: 'tag', word: 'nav.tags', short: 'nav.tags.short' },
  { href: '/devices', icon: 'device', word: 'nav.devices', short: 'nav.devices' },
  { href: '/events', icon: 'audit', word: 'nav.events', short: 'nav.events' },
  { href: '/rules', icon: 'rule', word: 'nav.rules', short: 'nav.rules' },
  { href: '/centre', icon: 'centre', word: 'nav.centre', short: 'nav.centre' }
]
const AUDIT: Place = { href: '/audit', icon: 'audit', word: 'nav.audit', short: 'nav.audit' }
const ACCOUNTS: Place = { href: '/accounts', icon: 'account', word: 'nav.accounts', short: 'nav.accounts' }
const ON_NARROW = 4

export function Frame({ session, children }: { session: Session; children: ReactNode }) {
  const { t } = useWords()
  const { role } = session.account
  const places = [...PLACES, ...(role === 'auditor' ? [AUDIT] : []), ...(role === 'security-operator' ? [] : [ACCOUNTS])]
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <nav className="side" aria-label={t('nav.main')}>
        <Link href="/" className="side-brand">
          <Brand />
        </Link>
        {places.map((place) => (
          <NavLink key={place.href} place={place} word={place.word} />
        ))}
      </nav>
      <header className="bar">
        <Link href="/" className="bar-brand">
          <Brand />
        </Link>
        <LiveMark />
        <Clock />
        <span className="bar-tools">
          <LanguageSwitch />
          <ThemeSwitch />
          <AccountMenu session={session} />
        </span>
      </header>
      <LiveLine />
      <main id="content" className="content" tabIndex={-1}>
        {children}
      </main>
      <nav className="foot" aria-label={t('nav.main')}>
        {places.slice(0, ON_NARROW).map((place) => (
          <NavLink key={place.href} place={place} word={place.short} />
        ))}
        <button type="button" className="nav-link" popoverTarget="more-menu">
          <Icon name="more" />
          <span>{t('nav.more')}</span>
        </button>
        <div id="more-menu" popover="auto" className="menu menu-more">
          {places.slice(ON_NARROW).map((place) => (
            <NavLink key={place.href} place={place} word={place.word} />
          ))}
        </div>
      </nav>
      <Said />
      <Hatch />
    </div>
  )
}

function NavLink({ place, word }: { place: Place; word: PlainWord }) {
  const { t } = useWords()
  const [path] = useLocation()
  const here = place.href === '/' ? path === '/' : path.startsWith(place.href)
  return (
    <Link href={place.href} className="nav-link" aria-current={here ? 'page' : undefined} onClick={closeMenus}>
      <Icon name={place.icon} />
      <span>{t(word)}</span>
      {place.href === '/alerts' ? <OpenCount /> : null}
    </Link>
  )
}

function closeMenus(): void {
  for (const menu of document.querySelectorAll<HTMLElement>('[popover]:popover-open')) menu.hidePopover()
}

function OpenCount() {
  const { t, format } = useWords()
  const { data } = useQuery(overviewQuery)
  const counts = data?.sites.flatMap((site) => site.openAlerts) ?? []
  const open = counts.reduce((sum, { count }) => sum + count, 0)
  if (open === 0) return null
  const worst = Math.max(...counts.filter(({ count }) => count > 0).map(({ severity }) => severity))
  return (
    <span className={`nav-count s${worst}`} title={t('tag.alerts', { count: open })}>
      {format.number(open)}
    </span>
  )
}

// The look of what is not known, for all drawings of the page.
function Hatch() {
  return (
    <svg className="patterns" aria-hidden="true" focusable="false">
      <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path className="hatch-line" d="M0 0v5" />
      </pattern>
    </svg>
  )
}
