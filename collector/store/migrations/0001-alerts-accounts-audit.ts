// Migration 1: alerts with their history, accounts with their sessions, and the audit chain.

export const alertsAccountsAudit = `
  CREATE TABLE alerts (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    decision_version INTEGER NOT NULL,
    rule TEXT NOT NULL,
    kind TEXT NOT NULL,
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    device TEXT,
    tag TEXT,
    view TEXT NOT NULL,
    severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 5),
    condition TEXT NOT NULL CHECK (condition IN ('active', 'cleared')),
    handling TEXT NOT NULL CHECK (handling IN ('new', 'acknowledged', 'investigating', 'resolved', 'closed')),
    disposition TEXT,
    assignee TEXT,
    resolved_by TEXT,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    cleared_at INTEGER,
    count INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    previous_alert TEXT,
    tags TEXT NOT NULL,
    techniques TEXT NOT NULL,
    title TEXT NOT NULL,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    why TEXT NOT NULL,
    advice TEXT NOT NULL,
    parameters TEXT NOT NULL,
    evidence TEXT NOT NULL,
    events INTEGER NOT NULL,
    forgotten_to INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX one_open_alert_per_key ON alerts (key) WHERE handling NOT IN ('resolved', 'closed');
  CREATE INDEX alerts_of_key ON alerts (key, number);
  CREATE INDEX alerts_by_time ON alerts (last_seen, number);
  CREATE INDEX open_alerts_by_severity ON alerts (severity, site) WHERE handling NOT IN ('resolved', 'closed');
  CREATE INDEX open_alerts_of_tag ON alerts (site, agent, tag) WHERE handling NOT IN ('resolved', 'closed');

  CREATE TABLE alert_events (
    number INTEGER PRIMARY KEY,
    alert INTEGER NOT NULL REFERENCES alerts (number) ON DELETE CASCADE,
    fingerprint BLOB,
    time INTEGER NOT NULL,
    what TEXT NOT NULL,
    by TEXT,
    note TEXT,
    evidence TEXT
  ) STRICT;
  CREATE INDEX events_of_alert ON alert_events (alert, number);
  CREATE UNIQUE INDEX each_finding_once ON alert_events (fingerprint) WHERE fingerprint IS NOT NULL;
  -- The latest end of a matter that came before its beginning.
  CREATE TABLE early_clears (
    key TEXT PRIMARY KEY,
    time INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('system-administrator', 'security-operator', 'auditor')),
    password TEXT NOT NULL,
    must_change_password INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_sign_in INTEGER
  ) STRICT;
  CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessions_of_account ON sessions (account, created_at);

  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    account TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  -- The head is kept apart, so that cutting off the newest entries is noticed too.
  CREATE TABLE audit_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  INSERT INTO audit_head VALUES (1, 0, '');
  CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
  CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;
`
