-- +goose Up
CREATE TABLE browser_reports (
	id        TEXT        NOT NULL PRIMARY KEY,
	kind      TEXT        NOT NULL,
	page      TEXT        NOT NULL,
	rule      TEXT        NOT NULL,
	blocked   TEXT        NOT NULL,
	times     BIGINT      NOT NULL,
	first_at  TIMESTAMPTZ NOT NULL,
	last_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX browser_reports_last ON browser_reports (last_at DESC, id DESC);

-- +goose Down
DROP TABLE browser_reports;
