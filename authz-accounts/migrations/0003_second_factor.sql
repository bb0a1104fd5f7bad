-- One-time codes and recovery codes.

CREATE TABLE totp (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    -- Sealed with the pepper, where there is one.
    seed TEXT NOT NULL,
    -- 0 until a first code has shown that the app has the seed.
    confirmed_at BIGINT NOT NULL,
    -- The last step whose code was accepted: it is accepted once.
    last_step BIGINT NOT NULL,
    -- Consecutive wrong codes.
    failures BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    hash TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE
);

CREATE INDEX recovery_code_of_account ON recovery_code (account);
