package database

import (
	"context"
	"math"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

// What a page of a user's own files shows of each, as one JSON array (models.FileLine), and
// all of them in one text: a line break ends a line, and JSON has none in it. Fetching 51 rows
// would cost more than finding them. The parameters are: $1 the owner, $2 the time, $3 a part
// of the name, and then the place at which the page begins. Each order walks an index of its
// own, which has the key of the name too, so that a search reads no row that it does not find.
const (
	openAt = ` AND o.revoked_at IS NULL AND (o.expires_at IS NULL OR o.expires_at > $2)
		AND (o.max_pickups = 0 OR o.picked_up < o.max_pickups)`

	lineOfFile = `f.id, f.name, f.name_key, f.kind, f.size, f.created_at, f.state, f.metadata, f.reason,
		CASE WHEN f.thumb_small <> '' AND f.thumb_large <> '' THEN 1 ELSE 0 END, CASE WHEN f.hidden_at IS NULL THEN 0 ELSE 1 END,
		CASE WHEN f.animated THEN 1 ELSE 0 END, f.clean_type,
		CASE WHEN f.clean <> '' AND f.state = 'ready' AND f.metadata <> 'kept' THEN f.clean_size ELSE f.size END,
		COALESCE(f.post_id, ''), COALESCE(p.title, ''), COALESCE(p.visibility, '')`
	// An owner who has no link needs no look-up for each file. The database finds that out once.
	ifLinks     = `, CASE WHEN EXISTS (SELECT 1 FROM shares a WHERE a.owner_id = $1) THEN `
	linksOfFile = ifLinks + `(SELECT COUNT(*) FROM shares o WHERE o.file_id = f.id` + openAt + `) ELSE 0 END`
	linksOfPost = ifLinks + `(SELECT COUNT(*) FROM shares o WHERE o.post_id = p.id` + openAt + `) ELSE 0 END`
	ofFile      = ` FROM shares o WHERE o.file_id = f.id` + openAt + latestFirst + `), '') ELSE '' END`
	ofPost      = ` FROM shares o WHERE o.post_id = p.id` + openAt + latestFirst + `), '') ELSE '' END`

	linkSQLite  = ifLinks + `COALESCE((SELECT o.id || ' ' || hex(o.sealed) || ' ' || o.name`
	linesSQLite = `SELECT COALESCE(group_concat(line, char(10)), '') FROM (
		SELECT json_array(` + lineOfFile + linksOfFile + linkSQLite + ofFile + linksOfPost + linkSQLite + ofPost + `) AS line
		FROM files f`
	ownedSQLite = ownPostOfFile + ` AND ($3 = '' OR instr(f.name_key, $3) > 0)`

	linkPG  = ifLinks + `COALESCE((SELECT o.id || ' ' || encode(o.sealed, 'hex') || ' ' || o.name`
	linesPG = `SELECT COALESCE(string_agg(line, chr(10)), '') FROM (
		SELECT json_build_array(` + lineOfFile + linksOfFile + linkPG + ofFile + linksOfPost + linkPG + ofPost + `)::text AS line
		FROM files f`
	ownedPG = ownPostOfFile + ` AND ($3 = '' OR strpos(f.name_key, $3) > 0)`

	ownPostOfFile = ` LEFT JOIN posts p ON p.id = f.post_id AND p.author_id = f.owner_id AND p.deleted_at IS NULL
		WHERE f.owner_id = $1 AND f.removed_at IS NULL`

	filesByDate     = ` AND (f.created_at, f.id) < ($4, $5) ORDER BY f.created_at DESC, f.id DESC LIMIT $6) lines`
	filesByDateBack = ` AND (f.created_at, f.id) > ($4, $5) ORDER BY f.created_at, f.id LIMIT $6) lines`
	filesBySize     = ` AND (f.size, f.id) < ($4, $5) ORDER BY f.size DESC, f.id DESC LIMIT $6) lines`
	filesBySizeBack = ` AND (f.size, f.id) > ($4, $5) ORDER BY f.size, f.id LIMIT $6) lines`
	filesByName     = ` AND (f.name_key, f.id) > ($4, $5) ORDER BY f.name_key, f.id LIMIT $6) lines`
	filesByNameBack = ` AND (f.name_key, f.id) < ($4, $5) ORDER BY f.name_key DESC, f.id DESC LIMIT $6) lines`
	filesByKind     = ` AND (f.kind, f.name_key, f.id) > ($4, $5, $6) ORDER BY f.kind, f.name_key, f.id LIMIT $7) lines`
	filesByKindBack = ` AND (f.kind, f.name_key, f.id) < ($4, $5, $6) ORDER BY f.kind DESC, f.name_key DESC, f.id DESC LIMIT $7) lines`
)

// FileLines returns up to limit of owner's files that f selects, with who can open them at now.
func (db *DB) FileLines(
	ctx context.Context, owner models.UserID, f models.FileFilter, limit int, now time.Time,
) ([]models.FileLine, error) {
	query := ""
	for _, q := range []struct {
		sort             models.FileSort
		reverse          bool
		sqlite, postgres string
	}{
		{models.FilesByDate, false, linesSQLite + ` INDEXED BY files_by_date` + ownedSQLite + filesByDate, linesPG + ownedPG + filesByDate},
		{models.FilesByDate, true, linesSQLite + ` INDEXED BY files_by_date` + ownedSQLite + filesByDateBack,
			linesPG + ownedPG + filesByDateBack},
		{models.FilesBySize, false, linesSQLite + ` INDEXED BY files_by_size` + ownedSQLite + filesBySize, linesPG + ownedPG + filesBySize},
		{models.FilesBySize, true, linesSQLite + ` INDEXED BY files_by_size` + ownedSQLite + filesBySizeBack,
			linesPG + ownedPG + filesBySizeBack},
		{models.FilesByName, false, linesSQLite + ` INDEXED BY files_by_name` + ownedSQLite + filesByName, linesPG + ownedPG + filesByName},
		{models.FilesByName, true, linesSQLite + ` INDEXED BY files_by_name` + ownedSQLite + filesByNameBack,
			linesPG + ownedPG + filesByNameBack},
		{models.FilesByKind, false, linesSQLite + ` INDEXED BY files_by_kind` + ownedSQLite + filesByKind, linesPG + ownedPG + filesByKind},
		{models.FilesByKind, true, linesSQLite + ` INDEXED BY files_by_kind` + ownedSQLite + filesByKindBack,
			linesPG + ownedPG + filesByKindBack},
	} {
		if q.sort == f.Sort && q.reverse == f.Reverse {
			query = q.sqlite
			if db.dialect == Postgres {
				query = q.postgres
			}
		}
	}
	key := nameKey(f.Text)
	if key == "" && f.Text != "" { // accents alone, which names are found without
		return nil, nil
	}
	args := append([]any{owner, now, key}, placeIn(f)...)
	var all string
	if err := db.row(ctx, query, append(args, limit), &all); err != nil {
		return nil, db.classify(err, "file")
	}
	lines := make([]models.FileLine, 0, limit)
	for line := range strings.Lines(all) {
		// A line may be kept longer than the others.
		lines = append(lines, models.FileLine(strings.Clone(strings.TrimSuffix(line, "\n"))))
	}
	return lines, nil
}

// placeIn returns the parameters for the place after which a page begins.
func placeIn(f models.FileFilter) []any {
	p, begins := f.After, f.After.ID == ""
	if ups := f.Sort == models.FilesByName || f.Sort == models.FilesByKind; begins && ups == f.Reverse { // goes down
		p = models.FilePlace{At: afterAllTimes, Size: math.MaxInt64, Kind: afterAllWords, Key: afterAllNames}
	} else if begins {
		p.Size = -1
	}
	switch f.Sort {
	case models.FilesBySize:
		return []any{p.Size, p.ID}
	case models.FilesByName:
		return []any{p.Key, p.ID}
	case models.FilesByKind:
		return []any{p.Kind, p.Key, p.ID}
	case models.FilesByDate:
	}
	return []any{p.At, p.ID}
}

// afterAllNames sorts after the key of every name: no key is as long.
var afterAllNames = strings.Repeat("\U0010ffff", models.MaxNameKey/4+1)

// nameKey returns a name, or a part of one that is searched for, without case and accents.
func nameKey(name string) string {
	key := fold(name)
	if len(key) > models.MaxFilename {
		key = strings.ToValidUTF8(key[:models.MaxFilename], "")
	}
	return key
}
