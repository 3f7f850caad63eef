package archive

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"a.txt": "a.txt", "Größe €.txt": "Größe €.txt", ".env": ".env",
		"": "file", ".": "file", "..": "file", "...": "file", "  ": "file",
		"../../etc/passwd": ".._.._etc_passwd", `..\a`: ".._a", "/etc": "_etc", `C:\a.txt`: "C__a.txt", "C:a": "C_a",
		"a\x00b": "ab", "a\nb\x7f": "ab", "\u202egpj.exe": "gpj.exe", "a\u200bb\ufeff": "ab", "a\u2028b": "ab",
		"CON": "_CON", "con.txt": "_con.txt", "nul.tar.gz": "_nul.tar.gz", "COM1": "_COM1", "lpt¹.x": "_lpt¹.x",
		"COM10": "COM10", "console": "console",
		"con .txt": "_con .txt", "\u200bNUL": "_NUL",
		"a.": "a", "a . ": "a", "a?*|<>\".txt": "a______.txt", "\xff\xfe": "_", "cafe\u0301": "café",
		strings.Repeat("a", 300) + ".txt": strings.Repeat("a", 251) + ".txt",
		"x." + strings.Repeat("é", 200):   "x." + strings.Repeat("é", 126),
	} {
		if got := CleanName(in); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUniqueNames(t *testing.T) {
	long := strings.Repeat("a", 251) + ".txt"
	got := uniqueNames([]string{"a.txt", "A.TXT", "a (2).txt", "a.txt", "b", "B", ".env", ".env", "straße", "STRASSE", long, long})
	want := []string{"a.txt", "A (2).TXT", "a (2) (2).txt", "a (3).txt", "b", "B (2)", ".env", ".env (2)", "straße", "STRASSE (2)",
		long, strings.Repeat("a", 247) + " (2).txt"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %.60q\nwant %.60q", got, want)
	}
	many := make([]string, MaxMembers)
	for i := range many {
		many[i] = "same.txt"
	}
	many = uniqueNames(many) // takes seconds if it counts from the start each time
	slices.Sort(many)
	if len(slices.Compact(many)) != MaxMembers {
		t.Error("many equal names are not unique")
	}
}

// Whatever the names are, those in the archive are safe and unique, and archive/zip
// reads what was put under them.
func FuzzNames(f *testing.F) {
	for _, names := range [][2]string{
		{"a.txt", "A.txt"}, {"../x", `..\x`}, {"CON", "con."}, {"\u202ea", "a"}, {"", "file"}, {"a (2)", "a"},
		{strings.Repeat("x", 300), strings.Repeat("x", 301)}, {"\xff", "ß"}, {"ſ", "S"}, {"é", "e\u0301"},
	} {
		f.Add(names[0], names[1])
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		a := newArchive(t, one, "1", two, "2", one, "3")
		got := unzip(t, a)
		names := []string{got[0], got[2], got[4]}
		for i, name := range names {
			if got[2*i+1] != string(rune('1'+i)) {
				t.Errorf("%q has the text %q", name, got[2*i+1])
			}
			if !utf8.ValidString(name) || name == "" || len(name) > maxName || strings.Trim(name, ".") == "" ||
				strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") || isReserved(name) ||
				strings.ContainsAny(name, `/\:*?"<>|`) || strings.ContainsFunc(name, isInvisible) {
				t.Errorf("%q is not safe", name)
			}
			for _, other := range names[i+1:] {
				if strings.EqualFold(name, other) {
					t.Errorf("%q and %q differ in case only", name, other)
				}
			}
		}
	})
}

func isInvisible(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }
