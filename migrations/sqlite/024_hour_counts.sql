-- +goose Up
-- How often something happened in an hour, on all nodes together.
CREATE TABLE hour_counts (
	hour TIMESTAMP NOT NULL,
	kind TEXT NOT NULL,
	n    INTEGER NOT NULL,
	PRIMARY KEY (hour, kind)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE hour_counts;
