-- From schema version 1 to 2: files are kept once and cited; what quarantine held moves there, byte for byte.
-- Never edited: stores that have taken this step look exactly like this.

CREATE TABLE original (
    organisation VARCHAR(12) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    size INTEGER NOT NULL,
    media_type VARCHAR(100) NOT NULL,
    stored_at DATETIME NOT NULL,
    whole BOOLEAN NOT NULL,
    cited BOOLEAN NOT NULL,
    PRIMARY KEY (organisation, sha256)
);
CREATE INDEX original_uncited ON original (cited, stored_at);

CREATE TABLE original_piece (
    organisation VARCHAR(12) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (organisation, sha256, number),
    FOREIGN KEY(organisation, sha256) REFERENCES original (organisation, sha256)
);

CREATE TABLE provenance (
    id INTEGER NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    message VARCHAR(36) NOT NULL,
    mapping VARCHAR(200) NOT NULL,
    version VARCHAR(40) NOT NULL,
    record VARCHAR(500) NOT NULL,
    mapped_at DATETIME NOT NULL,
    originals VARCHAR(64) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (message, originals),
    FOREIGN KEY(message) REFERENCES message (id)
);

CREATE TABLE message_original (
    provenance INTEGER NOT NULL,
    name VARCHAR(255) NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    PRIMARY KEY (provenance, name),
    FOREIGN KEY(organisation, sha256) REFERENCES original (organisation, sha256),
    FOREIGN KEY(provenance) REFERENCES provenance (id)
);
CREATE INDEX message_original_of ON message_original (organisation, sha256);

INSERT INTO original (organisation, sha256, size, media_type, stored_at, whole, cited)
SELECT quarantine.organisation, quarantined_file.sha256, MAX(LENGTH(quarantined_file.body)),
       'application/octet-stream', MIN(quarantine.created), 1, 1
  FROM quarantined_file
  JOIN quarantine ON quarantine.id = quarantined_file.quarantine
 GROUP BY quarantine.organisation, quarantined_file.sha256;

-- One piece a file, however large it is: pieces are numbered, not measured. An empty file has none.
INSERT OR IGNORE INTO original_piece (organisation, sha256, number, body)
SELECT quarantine.organisation, quarantined_file.sha256, 0, quarantined_file.body
  FROM quarantined_file
  JOIN quarantine ON quarantine.id = quarantined_file.quarantine
 WHERE LENGTH(quarantined_file.body) > 0;

ALTER TABLE quarantined_file RENAME TO quarantined_file_1;
CREATE TABLE quarantined_file (
    quarantine VARCHAR(36) NOT NULL,
    name VARCHAR(255) NOT NULL,
    organisation VARCHAR(12) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    PRIMARY KEY (quarantine, name),
    FOREIGN KEY(organisation, sha256) REFERENCES original (organisation, sha256),
    FOREIGN KEY(quarantine) REFERENCES quarantine (id)
);
CREATE INDEX quarantined_file_of ON quarantined_file (organisation, sha256);
INSERT INTO quarantined_file (quarantine, name, organisation, sha256)
SELECT quarantined_file_1.quarantine, quarantined_file_1.name, quarantine.organisation, quarantined_file_1.sha256
  FROM quarantined_file_1
  JOIN quarantine ON quarantine.id = quarantined_file_1.quarantine;
DROP TABLE quarantined_file_1;

CREATE TABLE edition (
    organisation VARCHAR(12) NOT NULL,
    series VARCHAR(64) NOT NULL,
    number INTEGER NOT NULL,
    document VARCHAR(36) NOT NULL,
    editor VARCHAR(200) NOT NULL,
    made_at DATETIME NOT NULL,
    PRIMARY KEY (organisation, series, number),
    UNIQUE (organisation, document)
);

CREATE TABLE consequence (
    organisation VARCHAR(12) NOT NULL,
    kind VARCHAR(60) NOT NULL,
    "key" VARCHAR(64) NOT NULL,
    message VARCHAR(36),
    cause VARCHAR(36) NOT NULL,
    person VARCHAR(64),
    done_at DATETIME NOT NULL,
    PRIMARY KEY (organisation, kind, "key"),
    FOREIGN KEY(message) REFERENCES message (id)
);
CREATE INDEX consequence_of ON consequence (organisation, cause);

CREATE TABLE watch (
    organisation VARCHAR(12) NOT NULL,
    person VARCHAR(64) NOT NULL,
    kind VARCHAR(60) NOT NULL,
    rule VARCHAR(60) NOT NULL,
    due DATETIME NOT NULL,
    PRIMARY KEY (organisation, person, kind, rule)
);
CREATE INDEX watch_due ON watch (due);

ALTER TABLE message ADD COLUMN copy_of VARCHAR(36);
