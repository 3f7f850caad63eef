package files_test

import (
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

func TestMine_KeepsOrderAndOmitsOthersFiles(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		var ids []models.FileID
		for _, who := range []models.User{h.ann, h.ann, h.bob, h.ann} {
			f, err := h.receive(who, "a.txt", strings.NewReader("words"))
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, f.ID)
		}
		slices.Reverse(ids)
		found, err := h.Mine(t.Context(), h.ann, ids)
		if err != nil {
			t.Fatal(err)
		}
		var got []models.FileID
		for _, f := range found {
			got = append(got, f.ID)
		}
		if want := []models.FileID{ids[0], ids[2], ids[3]}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
