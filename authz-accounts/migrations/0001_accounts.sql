-- Accounts, their roles, sessions, counters of failed log-ins, and the audit trail. Read by SQLite
-- and PostgreSQL alike: numbers are BIGINT, times are seconds since 1970, hashes are text.

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    -- 1 where the password is long enough to be the only factor.
    password_alone BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    password_changed_at BIGINT NOT NULL,
    -- Consecutive failed log-ins.
    failures BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE account_role (
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (account, role)
);

CREATE TABLE session (
    -- The hash of what the cookie holds.
    hash TEXT NOT NULL PRIMARY KEY,
    -- A name for the session that is no secret.
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- Methods of RFC 8176, with a space between them.
    methods TEXT NOT NULL,
    -- 1 while a second factor is still to be shown.
    outstanding BIGINT NOT NULL
);

CREATE INDEX session_of_account ON session (account);

CREATE TABLE throttle (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    waits_until BIGINT NOT NULL,
    counted_at BIGINT NOT NULL
);

CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    account TEXT NOT NULL,
    -- One JSON object.
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE INDEX audit_at ON audit (at);

-- One row: both ends of the chain. Whoever appends holds it, so that records are committed in the
-- order of their numbers.
CREATE TABLE audit_chain (
    one BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    -- The last record that was deleted for its age, and its hash.
    base_seq BIGINT NOT NULL,
    base_hash TEXT NOT NULL
);

INSERT INTO audit_chain (one, seq, hash, base_seq, base_hash) VALUES (1, 0, '', 0, '');
