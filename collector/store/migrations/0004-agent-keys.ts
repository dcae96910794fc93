// Migration 4: the key that each agent signs its health with, the key it offers instead, and the place of the last health believed.

export const agentKeys = `
  CREATE TABLE agent_keys (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    key TEXT,
    pinned_at INTEGER,
    -- Null: taken at first use.
    pinned_by TEXT,
    offered TEXT,
    offered_at INTEGER,
    boot INTEGER,
    uptime REAL,
    time INTEGER,
    refused INTEGER NOT NULL,
    refused_at INTEGER,
    why TEXT,
    PRIMARY KEY (site, agent)
  ) STRICT;
`
