-- API keys.

CREATE TABLE api_key (
    hash TEXT NOT NULL PRIMARY KEY,
    -- A name for the key that is no secret.
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    -- Wire names, with a space between them.
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- 0 for a key that was never used.
    last_used_at BIGINT NOT NULL,
    uses BIGINT NOT NULL
);

CREATE INDEX api_key_of_account ON api_key (account);
