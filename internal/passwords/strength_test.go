package passwords_test

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/passwords"
)

func TestGuesses(t *testing.T) {
	own := []string{"cloakroom", "mara", "example"}
	for _, weak := range []string{
		"123456789012", "passwordpassword", "aaaaaaaaaaaa", "qwertyuiopas", "Summer2027!!", "iloveyou1234", "hunter2hunter2", "p@ssw0rd1234",
		"cloakroom2027", "mara mara mara", "abcdefghijkl", "lkjhgfdsaqwe", "welcometocloakroom", "letmeinletmein", "password2026!", "mara@example",
		"jennifer1990", "Monday2026",
	} {
		if n := passwords.Guesses(weak, own); n >= passwords.FewGuesses {
			t.Errorf("%q withstands %.3g guesses", weak, n)
		}
	}
	for _, strong := range []string{
		"correct horse battery staple", "seventeen green umbrellas", "jfk49dk20dm3", "cloakroom for a look round", "mein hund heißt karl",
		"tr0ub4dor&3xyz", "日本語の検索テスト文書です", strings.Repeat("xk3 vq9 ", 16), "a new one, and long",
	} {
		if n := passwords.Guesses(strong, own); n < passwords.FewGuesses {
			t.Errorf("%q withstands only %.3g guesses", strong, n)
		}
	}
}

func FuzzGuesses(f *testing.F) {
	f.Add("correct horse battery staple")
	f.Add("\xff\x00aaaa2026")
	f.Fuzz(func(t *testing.T, password string) {
		if n := passwords.Guesses(password, []string{"cloakroom"}); n < 1 {
			t.Errorf("%q withstands %v guesses", password, n)
		}
	})
}

func BenchmarkGuesses(b *testing.B) {
	for b.Loop() {
		passwords.Guesses(strings.Repeat("ab1", 40), []string{"cloakroom"})
	}
}
