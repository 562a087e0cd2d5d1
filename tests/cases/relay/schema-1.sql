-- The tables of a store of schema version 1, as version 0.1.0 made them. Never edited: old stores look like this.

CREATE TABLE alarm (
    id INTEGER NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    code VARCHAR(60) NOT NULL,
    subject VARCHAR(100) NOT NULL,
    text TEXT NOT NULL,
    raised_at DATETIME NOT NULL,
    cleared_at DATETIME,
    cleared_by VARCHAR(200),
    PRIMARY KEY (id)
);

CREATE INDEX alarm_open ON alarm (organisation, cleared_at, code, subject);

CREATE TABLE audit (
    organisation VARCHAR(12) NOT NULL,
    number INTEGER NOT NULL,
    at DATETIME NOT NULL,
    actor VARCHAR(200) NOT NULL,
    action VARCHAR(60) NOT NULL,
    subject VARCHAR(100) NOT NULL,
    detail TEXT NOT NULL,
    hash VARCHAR(64) NOT NULL,
    PRIMARY KEY (organisation, number)
)
 WITHOUT ROWID;

CREATE TABLE circle (
    organisation VARCHAR(12) NOT NULL,
    person VARCHAR(64) NOT NULL,
    role VARCHAR(60) NOT NULL,
    member VARCHAR(12) NOT NULL,
    since DATETIME NOT NULL,
    PRIMARY KEY (organisation, person, role, member)
);

CREATE TABLE destination (
    organisation VARCHAR(12) NOT NULL,
    recipient VARCHAR(12) NOT NULL,
    paused_until DATETIME,
    reason TEXT,
    PRIMARY KEY (organisation, recipient)
);

CREATE TABLE effect (
    id INTEGER NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    sender VARCHAR(12) NOT NULL,
    identifier VARCHAR(500) NOT NULL,
    name VARCHAR(60) NOT NULL,
    applied_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX effect_of ON effect (organisation, sender, identifier, name);

CREATE TABLE event (
    id INTEGER NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    code VARCHAR(60) NOT NULL,
    person VARCHAR(64) NOT NULL,
    occurred DATETIME NOT NULL,
    observed DATETIME NOT NULL,
    source VARCHAR(500) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (organisation, code, source)
);

CREATE TABLE inbox (
    id VARCHAR(36) NOT NULL,
    arrival INTEGER NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    sender VARCHAR(12) NOT NULL,
    identifier VARCHAR(500) NOT NULL,
    kind VARCHAR(60) NOT NULL,
    person VARCHAR(64),
    correlates VARCHAR(500),
    content_type VARCHAR(100) NOT NULL,
    body BLOB NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    received_at DATETIME NOT NULL,
    receipt BLOB NOT NULL,
    duplicates INTEGER NOT NULL,
    state VARCHAR(20) NOT NULL,
    due DATETIME,
    token VARCHAR(32),
    attempts INTEGER NOT NULL,
    finished_at DATETIME,
    reason TEXT,
    opened_at DATETIME,
    opened_by VARCHAR(200),
    PRIMARY KEY (id),
    UNIQUE (arrival)
);

CREATE INDEX inbox_due ON inbox (due);

CREATE INDEX inbox_person ON inbox (organisation, person, state, arrival);

CREATE TABLE lane (
    id INTEGER NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    recipient VARCHAR(12) NOT NULL,
    "key" VARCHAR(100) NOT NULL,
    head INTEGER,
    due DATETIME,
    token VARCHAR(32),
    PRIMARY KEY (id),
    UNIQUE (organisation, recipient, "key")
);

CREATE INDEX lane_due ON lane (due);

CREATE TABLE message (
    id VARCHAR(36) NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    identifier VARCHAR(500) NOT NULL,
    kind VARCHAR(60) NOT NULL,
    person VARCHAR(64),
    content_type VARCHAR(100) NOT NULL,
    body BLOB NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    as_of DATETIME NOT NULL,
    replaces VARCHAR(500),
    correlates VARCHAR(500),
    wants_answer BOOLEAN NOT NULL,
    fact_only BOOLEAN NOT NULL,
    created DATETIME NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX message_person ON message (organisation, person, kind);

CREATE INDEX message_recent ON message (organisation, created);

CREATE TABLE person (
    organisation VARCHAR(12) NOT NULL,
    "key" VARCHAR(64) NOT NULL,
    family VARCHAR(200),
    birth_date DATE,
    standing VARCHAR(20) NOT NULL,
    changed DATETIME NOT NULL,
    PRIMARY KEY (organisation, "key")
);

CREATE TABLE store_facts (
    name VARCHAR(40) NOT NULL,
    value TEXT,
    PRIMARY KEY (name)
);

CREATE TABLE delivery (
    id INTEGER NOT NULL,
    message VARCHAR(36) NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    recipient VARCHAR(12) NOT NULL,
    lane INTEGER NOT NULL,
    state VARCHAR(20) NOT NULL,
    attempts INTEGER NOT NULL,
    created DATETIME NOT NULL,
    patience_from DATETIME NOT NULL,
    answer_by DATETIME,
    receipt BLOB,
    PRIMARY KEY (id),
    UNIQUE (message, recipient),
    FOREIGN KEY(message) REFERENCES message (id),
    FOREIGN KEY(lane) REFERENCES lane (id)
);

CREATE INDEX delivery_lane ON delivery (lane, state, id);

CREATE INDEX delivery_state ON delivery (organisation, state);

CREATE TABLE obligation (
    id INTEGER NOT NULL,
    event INTEGER NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    person VARCHAR(64) NOT NULL,
    owes VARCHAR(60) NOT NULL,
    owed_to VARCHAR(60) NOT NULL,
    recipient VARCHAR(12),
    since DATETIME NOT NULL,
    due DATETIME NOT NULL,
    state VARCHAR(20) NOT NULL,
    kept_at DATETIME,
    kept_by VARCHAR(36),
    late_raised BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (event, owes, owed_to, recipient),
    FOREIGN KEY(event) REFERENCES event (id),
    FOREIGN KEY(kept_by) REFERENCES message (id)
);

CREATE INDEX obligation_open ON obligation (state, organisation, person);

CREATE TABLE quarantine (
    id VARCHAR(36) NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    mapping VARCHAR(200) NOT NULL,
    "key" VARCHAR(200) NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    state VARCHAR(20) NOT NULL,
    issues TEXT NOT NULL,
    recipients TEXT NOT NULL,
    created DATETIME NOT NULL,
    replayed_at DATETIME,
    replayed_as VARCHAR(36),
    replayed_by VARCHAR(200),
    reason TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(replayed_as) REFERENCES message (id)
);

CREATE INDEX quarantine_state ON quarantine (organisation, state, fingerprint);

CREATE TABLE acknowledgement (
    id INTEGER NOT NULL,
    delivery INTEGER NOT NULL,
    rung VARCHAR(30) NOT NULL,
    at DATETIME NOT NULL,
    code VARCHAR(20) NOT NULL,
    accepted BOOLEAN NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (delivery, rung, code),
    FOREIGN KEY(delivery) REFERENCES delivery (id)
);

CREATE TABLE attempt (
    id INTEGER NOT NULL,
    delivery INTEGER NOT NULL,
    token VARCHAR(32) NOT NULL,
    started DATETIME NOT NULL,
    ended DATETIME,
    result VARCHAR(20),
    reason TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(delivery) REFERENCES delivery (id)
);

CREATE INDEX attempt_delivery ON attempt (delivery);

CREATE TABLE quarantined_file (
    quarantine VARCHAR(36) NOT NULL,
    name VARCHAR(255) NOT NULL,
    body BLOB NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    PRIMARY KEY (quarantine, name),
    FOREIGN KEY(quarantine) REFERENCES quarantine (id)
);
