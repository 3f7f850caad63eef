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
			"empty":    "… – !",
		}
		names := map[models.PostID]string{}
		for name, document := range documents {
			p := newPost(t, db, ann, noon, models.Public)
			must(t, db.IndexPost(t.Context(), p.ID, document))
			names[p.ID] = name
		}
		for _, c := range []struct{ words, want string }{
			{"café", "cafe"}, {"CAFÉ", "cafe"}, {"Cafe\u0301", "cafe"}, {"cafe", ""}, {"caf", "cafe"}, {"afé", ""},
			{"über", "cafe"}, {"straße meter", "cafe"}, {"straße cats", ""}, {"3.14", "cafe"}, {"14 3", "cafe"},
			{"foo", "cafe"}, {"bar", "cafe"}, {"foo-bar", "cafe"}, {"example", "cafe"}, {"foo-bar@example.org", "cafe"},
			{"and", "operator"}, {"AND", "operator"}, {"OR", "cafe operator"}, {"NOT", "operator"}, {"NEAR", "operator"}, {"near/3", ""},
			{"cats OR zebras", ""}, {"cats NOT dogs", "operator"}, {"cats AND zebras", ""}, {`"cats`, "operator"}, {`"birds"`, "operator"},
			{"c*ts", ""}, {"cat*", "operator"}, {"document:cats", ""}, {"-cats", "operator"}, {"(cats)", "operator"}, {"cats & !dogs", "operator"},
			{"'cats'", "operator"}, {`cats\`, "operator"}, {"cats':*", "operator"}, {"नम", "hindi"}, {"दुनिया", "hindi"},
			{strings.Repeat("É", 3000), "long"}, {"tail", "long"}, {"", ""}, {"…", ""}, {"!", ""}, {"\x00\xff", ""},
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
