-- +goose Up
-- How the audit log stood, signed with the site key. At most one is a cut: the
-- events up to it were kept long enough.
CREATE TABLE audit_marks (
	seq       BIGINT NOT NULL PRIMARY KEY,
	hash      TEXT NOT NULL,
	at        TIMESTAMPTZ NOT NULL,
	cut       BOOLEAN NOT NULL,
	signature BYTEA NOT NULL
);
CREATE UNIQUE INDEX audit_marks_cut ON audit_marks (cut) WHERE cut;

-- +goose Down
DROP TABLE audit_marks;
