package database_test

import (
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func TestSearchPosts_FindsTheSameInBothDialects(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		documents := map[string]string{
			"cafe":     "Das Café an der Straße, ÜBER 3.14 Meter hoch – foo-bar@example.org",
			"operator": `Cats AND dogs OR "birds" NOT near* fish`,
			"hindi":    "नमस्ते दुनिया",
			"long":     strings.Repeat("é", 3000) + " tail",
			"japanese": "日本語の検索テスト文書 iPhone写真 データ",
			"thai":     "สวัสดีชาวโลก",
			"empty":    "… – !",
		}
		names := map[models.PostID]string{}
		for name, document := range documents {
			p := newPost(t, db, ann, noon, models.Public)
			must(t, db.IndexPost(t.Context(), p.ID, document))
			names[p.ID] = name
		}
		for _, c := range []struct{ words, want string }{
			{"café", "cafe"}, {"CAFÉ", "cafe"}, {"Cafe\u0301", "cafe"}, {"cafe", "cafe"}, {"caf", "cafe"}, {"afé", ""},
			{"strasse", "cafe"}, {"STRASSE", "cafe"}, {"uber", "cafe"},
			{"検索", "japanese"}, {"日本", "japanese"}, {"テスト", "japanese"}, {"書", "japanese"}, {"検", "japanese"}, {"本日", ""},
			{"検索テスト文書", "japanese"}, {"iphone写真", "japanese"}, {"写", "japanese"}, {"搜索", ""}, {"データ", "japanese"},
			{"ชาวโลก", "thai"}, {"โลก", "thai"}, {"สวัสดี", "thai"},
			{"über", "cafe"}, {"straße meter", "cafe"}, {"straße cats", ""}, {"3.14", "cafe"}, {"14 3", "cafe"},
			{"foo", "cafe"}, {"bar", "cafe"}, {"foo-bar", "cafe"}, {"example", "cafe"}, {"foo-bar@example.org", "cafe"},
			{"and", "operator"}, {"AND", "operator"}, {"OR", "cafe operator"}, {"NOT", "operator"}, {"NEAR", "operator"}, {"near/3", ""},
			{"cats OR zebras", ""}, {"cats NOT dogs", "operator"}, {"cats AND zebras", ""}, {`"cats`, "operator"}, {`"birds"`, "operator"},
			{"c*ts", ""}, {"cat*", "operator"}, {"document:cats", ""}, {"-cats", "operator"}, {"(cats)", "operator"}, {"cats & !dogs", "operator"},
			{"'cats'", "operator"}, {`cats\`, "operator"}, {"cats':*", "operator"}, {"नम", "hindi"}, {"दुनिया", "hindi"},
			{strings.Repeat("É", 3000), "long"}, {strings.Repeat("É", 50), "long"}, {"tail", "long"}, {"", ""}, {"…", ""}, {"!", ""}, {"\x00\xff", ""},
		} {
			page, err := db.SearchPosts(t.Context(), "", strings.Fields(c.words), models.Cursor{}, 10)
			must(t, err)
			var found []string
			for _, v := range page.Items {
				found = append(found, names[v.ID])
			}
			slices.Sort(found)
			if got := strings.Join(found, " "); got != c.want {
				t.Errorf("searching %.40q found %q, want %q", c.words, got, c.want)
			}
		}
	})
}

func TestIndexPost_Replaces(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		p := newPost(t, db, newUser(t, db, "ann"), noon, models.Public)
		must(t, db.IndexPost(t.Context(), p.ID, "before"))
		must(t, db.IndexPost(t.Context(), p.ID, "afterwards"))
		for word, want := range map[string]int{"before": 0, "after": 1} {
			page, err := db.SearchPosts(t.Context(), "", []string{word}, models.Cursor{}, 10)
			must(t, err)
			wantEqual(t, word, len(page.Items), want)
		}
		wantKind(t, "a post that is not there", db.IndexPost(t.Context(), "NOPOST", "x"), problem.NotFound)
	})
}

// Each way of finding a page finds what the index holds, newest first, on every page.
func TestSearchPosts_FindsEachMatchOnceInEachWay(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		fillForSearch(t, db)
		author, err := db.UserByUsername(t.Context(), "user_1")
		must(t, err)
		for _, words := range []string{"lake", "walk 12", "77", "30", "ancient", "ancient boat", "rare", "nobody ancien", "nothing"} {
			for _, viewer := range []models.UserID{"", author.ID} {
				want := matchesOf(t, db, words, viewer)
				got := walk(t, 100, func(before models.Cursor, limit int) (models.Page[models.PostView], error) {
					return db.SearchPosts(t.Context(), viewer, strings.Fields(words), before, limit)
				})
				if !slices.Equal(got, want) {
					t.Errorf("%q by %q: found %d, want %d", words, viewer, len(got), len(want))
				}
			}
		}
	})
}

// fillForSearch adds posts: the word lake is in each, ancient in each but the newest, and rare
// in a few old ones.
func fillForSearch(t *testing.T, db *database.DB) {
	t.Helper()
	must(t, databasetest.Fill(t.Context(), db, databasetest.Size{Users: 20, Posts: 3200, Comments: 1, Events: 1}))
	add := `UPDATE post_search SET document = document || ' ' || $1 WHERE docid IN (SELECT seq FROM posts ORDER BY created_at LIMIT $2)`
	if db.Dialect() == database.Postgres {
		add = `UPDATE post_search SET document = document || array_to_tsvector(ARRAY[$1])
			WHERE post_id IN (SELECT id FROM posts ORDER BY created_at LIMIT $2)`
	}
	for word, posts := range map[string]int{"ancient": 2500, "rarest": 7} {
		_, err := db.SQLPool().ExecContext(t.Context(), add, word, posts)
		must(t, err)
	}
}

// matchesOf returns the posts that the viewer finds, by one query that sorts all of them.
func matchesOf(t *testing.T, db *database.DB, words string, viewer models.UserID) (found []models.PostID) {
	t.Helper()
	const mine = ` AND u.suspended_at IS NULL AND p.deleted_at IS NULL AND (p.author_id = $2 OR p.visibility = 'public')
		ORDER BY p.created_at DESC, p.id DESC`
	query, match := `SELECT p.id FROM post_search s JOIN posts p ON p.seq = s.docid JOIN users u ON u.id = p.author_id
		WHERE s.document MATCH $1`, ""
	for _, word := range strings.Fields(words) {
		match += word + "* "
	}
	if db.Dialect() == database.Postgres {
		query = `SELECT p.id FROM post_search s JOIN posts p ON p.id = s.post_id JOIN users u ON u.id = p.author_id
			WHERE s.document @@ $1::text::tsquery`
		match = strings.Join(strings.Fields(words), ":* & ") + ":*"
	}
	rows, err := db.SQLPool().QueryContext(t.Context(), query+mine, match, viewer)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var id models.PostID
		must(t, rows.Scan(&id))
		found = append(found, id)
	}
	must(t, rows.Err())
	return found
}

// How a page is found depends on how many posts match. None of the ways sorts many rows, and
// a word of the newest posts is not looked up at all.
func TestSearchPosts_ReadsLittle(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		fillForSearch(t, db)
		_, err := db.SQLPool().ExecContext(t.Context(), `ANALYZE`)
		must(t, err)
		var plans []string
		noting := db.Noting(func(query string, args []any) {
			if strings.Contains(query, "post_search") && !strings.Contains(query, "COUNT(*)") {
				if db.Dialect() == database.SQLite {
					plans = append(plans, planOf(t, db, query, args))
				} else {
					plans = append(plans, planOnPostgres(t, db, query, args))
				}
			}
		})
		for words, want := range map[string]int{"lake": 1, "ancient": 2, "rare": 2} {
			plans = nil
			_, err := noting.SearchPosts(t.Context(), "", []string{words}, models.Cursor{}, 20)
			must(t, err)
			wantEqual(t, "queries for "+words, len(plans), want)
			for _, plan := range plans {
				sorts := strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort  (")
				along := strings.Contains(plan, "posts_created")
				if along == sorts || sorts && words != "rare" {
					t.Errorf("%s:\n%s", words, plan)
				}
			}
		}
	})
}
