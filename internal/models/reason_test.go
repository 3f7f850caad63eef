package models_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func TestParseReason(t *testing.T) {
	long := strings.Repeat("ü", models.MaxReason)
	for given, want := range map[string]string{
		"": "", " \r\n ": "", " spam  in\r\n\tthree posts\n": "spam in three posts", long: long, "\n" + long + " ": long,
	} {
		if got, err := models.ParseReason("why", given); err != nil || got != want {
			t.Errorf("%.40q: %.40q, %v, want %.40q", given, got, err, want)
		}
	}
	for _, bad := range []string{long + "x", "a\x00b", "a\x1b[31mb", "a\u202eb", "a\u2028b\u2066", "\xff"} {
		_, err := models.ParseReason("why", bad)
		if all := problem.All(err); len(all) != 1 || all[0].Field != "why" || all[0].Kind != problem.Invalid {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

func FuzzParseReason(f *testing.F) {
	for _, seed := range []string{"", " a\r\nb ", "\x00", "\u202e", "\xff", strings.Repeat("x", 501)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		got, err := models.ParseReason("why", given)
		if err != nil {
			return
		}
		again, err := models.ParseReason("why", got)
		if err != nil || again != got || utf8.RuneCountInString(got) > models.MaxReason || strings.ContainsAny(got, "\n\r\t\x00\x1b") {
			t.Errorf("%q became %q, then %q, %v", given, got, again, err)
		}
	})
}
