-- +goose Up
-- How often something happened in an hour, on all nodes together.
CREATE TABLE hour_counts (
	hour TIMESTAMPTZ NOT NULL,
	kind TEXT NOT NULL,
	n    BIGINT NOT NULL,
	PRIMARY KEY (hour, kind)
);

-- +goose Down
DROP TABLE hour_counts;
