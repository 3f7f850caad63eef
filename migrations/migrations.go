// Package migrations carries the SQL that brings a database up to date, a
// directory for each dialect, run in the order of their numbers.
package migrations

import "embed"

// FS holds sqlite/NNN_name.sql and postgres/NNN_name.sql, in goose's format.
// Both directories have the same names.
//
//go:embed sqlite/*.sql postgres/*.sql
var FS embed.FS
