// Package migrations holds the SQL that creates the schema and brings it up to
// date: one text for both dialects. Each file runs once, in the order of its number.
package migrations

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.sql
var files embed.FS

// A Dialect is a file system that holds the migrations as SQL of one dialect.
type Dialect struct {
	foreign string // the mark of lines for the other dialect
	tokens  *strings.Replacer
}

// The dialects. In a file, {sqlite} and {postgres} mark a line that is for one
// dialect alone. The other tokens are: {time}, an instant; {int}, an integer of
// 64 bits; {bytes}, a binary string; {bytewise}, the collation of text by its
// bytes; {without_rowid}, the storage of a table in its primary key; and
// {suspended}, whether suspended_at is set, as an index holds it.
var (
	SQLite = Dialect{foreign: "{postgres}", tokens: strings.NewReplacer("{sqlite}", "",
		"{time}", "TIMESTAMP", "{int}", "INTEGER", "{bytes}", "BLOB",
		"{bytewise}", "", "{without_rowid}", " WITHOUT ROWID", "{suspended}", "suspended_at")}
	Postgres = Dialect{foreign: "{sqlite}", tokens: strings.NewReplacer("{postgres}", "",
		"{time}", "TIMESTAMPTZ", "{int}", "BIGINT", "{bytes}", "BYTEA",
		"{bytewise}", ` COLLATE "C"`, "{without_rowid}", "", "{suspended}", "(CASE WHEN suspended_at IS NULL THEN 0 ELSE 1 END)")}
)

// Open implements fs.FS.
func (d Dialect) Open(name string) (fs.File, error) {
	file, err := files.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return expanded{File: file, text: strings.NewReader(d.expand(string(text)))}, nil
}

// expand drops the lines for the other dialect and replaces the tokens.
func (d Dialect) expand(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimLeft(line, "\t"), d.foreign) {
			kept.WriteString(line)
		}
	}
	return d.tokens.Replace(kept.String())
}

// expanded is a file whose content has been replaced by text.
type expanded struct {
	fs.File
	text *strings.Reader
}

func (e expanded) Read(p []byte) (int, error) { return e.text.Read(p) }
