-- +goose Up
-- How many of a user's pictures wait is asked with each that comes.
CREATE INDEX files_processing ON files (owner_id) WHERE state = 'processing';

-- +goose Down
DROP INDEX files_processing;
