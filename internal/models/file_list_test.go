package models_test

import (
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A place is either refused at its field, or is a place that gives the same text again.
func FuzzParseFilePlace(f *testing.F) {
	orders := []models.FileSort{models.FilesByDate, models.FilesByName, models.FilesBySize, models.FilesByKind}
	for i, sort := range orders {
		place := models.FilePlace{ID: models.NewFileID(), Key: "notes.txt", Kind: models.KindText, Size: 1 << 40, At: time.UnixMicro(1 << 50)}
		f.Add(place.String(sort), i)
	}
	f.Add("", 0)
	f.Add(strings.Repeat("A", 4*models.MaxNameKey), 1)
	f.Fuzz(func(t *testing.T, text string, n int) {
		sort := orders[uint(n)%uint(len(orders))]
		place, err := models.ParseFilePlace(text, sort)
		if err != nil {
			if problem.KindOf(err) != problem.Invalid || place != (models.FilePlace{}) {
				t.Errorf("%q is refused with %v, and is %+v", text, err, place)
			}
			return
		}
		if text != "" && place.String(sort) != text {
			t.Errorf("%q becomes %q", text, place.String(sort))
		}
		if place.Size < 0 || len(place.Key) > 2*models.MaxNameKey || strings.ContainsRune(place.Key, 0) {
			t.Errorf("%q is %+v", text, place)
		}
	})
}
