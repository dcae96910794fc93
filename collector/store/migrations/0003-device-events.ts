// Migration 3: what devices did, with how many of a day were left out, and the device that a gap concerns.

export const deviceEvents = `
  CREATE TABLE device_events (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    boot INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    place INTEGER NOT NULL,
    device TEXT NOT NULL,
    time INTEGER NOT NULL,
    source_time INTEGER,
    kind TEXT NOT NULL,
    change TEXT NOT NULL,
    severity INTEGER NOT NULL,
    source TEXT,
    message TEXT NOT NULL,
    details TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    -- In the order of judging; null while the message waits for its turn.
    judged INTEGER,
    UNIQUE (site, agent, boot, sequence, place)
  ) STRICT;
  CREATE INDEX device_events_by_time ON device_events (time, id);
  CREATE INDEX device_events_of_device ON device_events (site, agent, device, time, id);
  CREATE INDEX device_events_by_kind ON device_events (kind, time, id);
  CREATE INDEX device_events_to_forget ON device_events (kept_at);

  CREATE INDEX device_events_judged ON device_events (judged);
  -- The last that the kept state of the rules knows of.
  CREATE TABLE device_events_judged_to (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    judged INTEGER NOT NULL
  ) STRICT;

  -- The days of the collector's clock, counted from 1970.
  CREATE TABLE device_event_days (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    day INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    left_out INTEGER NOT NULL,
    PRIMARY KEY (site, agent, day)
  ) STRICT;

  ALTER TABLE gaps ADD COLUMN device TEXT;
`
