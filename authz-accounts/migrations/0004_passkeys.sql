-- Passkeys, and challenges that wait for one.

CREATE TABLE passkey (
    -- The id that the authenticator gave it.
    credential TEXT NOT NULL PRIMARY KEY,
    -- A name for the passkey that is ours.
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    -- The public key and the counter, as JSON of webauthn-rs.
    record TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- 0 for a passkey that was never used.
    last_used_at BIGINT NOT NULL
);

CREATE INDEX passkey_of_account ON passkey (account);

CREATE TABLE challenge (
    -- The hash of the challenge.
    hash TEXT NOT NULL PRIMARY KEY,
    -- What it was made for, and for nothing else.
    purpose TEXT NOT NULL,
    -- The session that asked; empty where nobody is logged in.
    session TEXT NOT NULL,
    -- The hash of the source that asked; empty where a session did.
    source TEXT NOT NULL,
    -- What has to be known when the answer comes, as JSON of webauthn-rs.
    state TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX challenge_of_session ON challenge (session);
CREATE INDEX challenge_of_source ON challenge (source);
