-- +goose Up
ALTER TABLE users ADD COLUMN suspended_at TIMESTAMPTZ;
ALTER TABLE users ADD COLUMN email_verified_at TIMESTAMPTZ;

-- From where the session was opened (a prefix), and when its user last proved
-- to be there: none of those that are open has.
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN confirmed_at TIMESTAMPTZ NOT NULL DEFAULT '1970-01-01 00:00:00+00:00';

-- Each event holds the hash of all before it. Identifiers alone say who and
-- what, so that a user who leaves is in it no more.
CREATE TABLE audit_events (
	seq       BIGINT    NOT NULL PRIMARY KEY,
	at        TIMESTAMPTZ NOT NULL,
	actor_id  TEXT      NOT NULL,
	action    TEXT      NOT NULL,
	object    TEXT      NOT NULL,
	address   TEXT      NOT NULL,
	outcome   TEXT      NOT NULL,
	detail    TEXT      NOT NULL,
	hash      TEXT      NOT NULL
);
CREATE INDEX audit_events_actor ON audit_events (actor_id, seq DESC);
CREATE INDEX audit_events_action ON audit_events (action, seq DESC);
CREATE INDEX audit_events_object ON audit_events (object, seq DESC);
CREATE INDEX audit_events_at ON audit_events (at);

-- Where the chain ends: one row, which those who append take turns at.
CREATE TABLE audit_head (
	id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
	seq  BIGINT  NOT NULL,
	hash TEXT    NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- +goose StatementBegin
CREATE FUNCTION audit_events_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'audit events do not change';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_events_unchanged BEFORE UPDATE ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_events_unchanged();

-- +goose Down
DROP TABLE audit_head;
DROP TABLE audit_events;
DROP FUNCTION audit_events_unchanged();
ALTER TABLE sessions DROP COLUMN confirmed_at;
ALTER TABLE sessions DROP COLUMN address;
ALTER TABLE users DROP COLUMN email_verified_at;
ALTER TABLE users DROP COLUMN suspended_at;
