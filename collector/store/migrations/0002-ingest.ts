// Migration 2: what ingest must remember over a restart: agents and their tag maps, places in their streams, gaps, quarantine, judgement.

export function ingest(database: { exec(sql: string): unknown }): void {
  database.exec(`
    CREATE TABLE births (
      site TEXT NOT NULL,
      agent TEXT NOT NULL,
      birth TEXT NOT NULL,
      PRIMARY KEY (site, agent)
    ) STRICT;
    CREATE TABLE tag_maps (
      site TEXT NOT NULL,
      agent TEXT NOT NULL,
      tag_map INTEGER NOT NULL,
      tags TEXT NOT NULL,
      known_at INTEGER NOT NULL,
      PRIMARY KEY (site, agent, tag_map)
    ) STRICT;

    CREATE TABLE streams (
      site TEXT NOT NULL,
      agent TEXT NOT NULL,
      state TEXT NOT NULL,
      last_heard INTEGER,
      PRIMARY KEY (site, agent)
    ) STRICT;

    CREATE TABLE gaps (
      id INTEGER PRIMARY KEY,
      site TEXT NOT NULL,
      agent TEXT NOT NULL,
      boot INTEGER NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      from_time INTEGER,
      to_time INTEGER,
      reason TEXT NOT NULL,
      samples INTEGER,
      noted_at INTEGER NOT NULL,
      UNIQUE (site, agent, boot, first, last)
    ) STRICT;
    CREATE INDEX gaps_by_time ON gaps (noted_at);

    CREATE TABLE quarantine (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      time INTEGER NOT NULL,
      topic TEXT NOT NULL,
      site TEXT,
      agent TEXT,
      code TEXT NOT NULL,
      reason TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      payload BLOB NOT NULL,
      -- Set when the payload is whole and waits for a birth: the tag map, and its place in the stream of the agent.
      tag_map INTEGER,
      boot INTEGER,
      first INTEGER,
      last INTEGER,
      digest BLOB NOT NULL UNIQUE,
      copies INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX quarantine_of_agent ON quarantine (site, agent) WHERE tag_map IS NOT NULL;
    CREATE TABLE quarantine_counts (
      code TEXT PRIMARY KEY,
      count INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE judgement (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      time INTEGER NOT NULL,
      engine TEXT NOT NULL,
      judged TEXT NOT NULL
    ) STRICT;
  `)
}
