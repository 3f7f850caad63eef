package models_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// want is the expected result of parsing in: out, or a problem at field.
type want struct{ name, in, out, field string }

func check[T ~string](t *testing.T, parse func(string) (T, error), tests []want) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parse(tt.in)
			if tt.field == "" {
				if err != nil || string(got) != tt.out {
					t.Errorf("%q became %q, %v; want %q", tt.in, got, err, tt.out)
				}
				return
			}
			if all := problem.All(err); len(all) != 1 || all[0].Field != tt.field || all[0].Kind != problem.Invalid || got != "" {
				t.Errorf("%q became %q, %v; want a problem at %s", tt.in, got, err, tt.field)
			}
		})
	}
}

func TestParseUsername(t *testing.T) {
	check(t, models.ParseUsername, []want{
		{"shortest", "Ann", "Ann", ""}, {"longest", strings.Repeat("a", 20), strings.Repeat("a", 20), ""},
		{"too short", "an", "", "username"}, {"too long", strings.Repeat("a", 21), "", "username"},
		{"space", "ann b", "", "username"}, {"newline at the end", "ann\n", "", "username"},
		{"look-alike", "аnn", "", "username"}, {"dot", "a.nn", "", "username"},
	})
}

func TestParseEmail(t *testing.T) {
	longest := strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 57) + ".org"
	check(t, models.ParseEmail, []want{
		{"plain", " ann@example.org ", "ann@example.org", ""}, {"plus", "a+b@example.org", "a+b@example.org", ""},
		{"longest", longest, longest, ""}, {"too long", "x" + longest, "", "email"},
		{"empty", "", "", "email"}, {"named", "Ann <ann@example.org>", "", "email"}, {"no dot", "ann@localhost", "", "email"},
		{"header", "ann@example.org\r\nBcc: x@example.org", "", "email"}, {"quoted", `"a b"@example.org`, "", "email"},
		{"two", "a@example.org,b@example.org", "", "email"}, {"literal", "a@[127.0.0.1]", "", "email"},
	})
}

func TestParsePhone(t *testing.T) {
	check(t, models.ParsePhone, []want{
		{"none", "", "", ""}, {"american", "555-123-4567", "+15551234567", ""}, {"E.164", "+4930123456", "+4930123456", ""},
		{"with spaces", "+49 (30) 123-456", "+4930123456", ""}, {"longest", "+123456789012345", "+123456789012345", ""},
		{"too long", "+1234567890123456", "", "phone"}, {"no country", "030123456", "", "phone"},
		{"letters", "+49CALLME", "", "phone"}, {"starts with zero", "+0301234567", "", "phone"}, {"short", "+12", "", "phone"},
	})
}

func TestParseWebsite(t *testing.T) {
	longest := "https://example.org/" + strings.Repeat("a", models.MaxWebsite-20)
	check(t, models.ParseWebsite, []want{
		{"none", " ", "", ""}, {"https", "https://example.org/a?b=c", "https://example.org/a?b=c", ""},
		{"longest", longest, longest, ""}, {"too long", longest + "a", "", "website"},
		{"international", "https://München.de:8443/ü", "https://xn--mnchen-3ya.de:8443/%C3%BC", ""},
		{"two alphabets", "https://p\u0430ypal.com", "", "website"}, {"no such host", "https://\u200d.com", "", "website"},
		{"letters that become others", "https://\U0001d429\u0430.com", "", "website"}, {"slash", "https://a.com\u2044b.de", "", "website"},
		{"slash of a mark", "https://a.com\u0338b.de", "", "website"}, {"slash of a letter", "https://a.comんb.de", "", "website"},
		{"Latin and Armenian", "https://go\u0585gle.com", "", "website"}, {"Latin and Lao", "https://go\u0ed0gle.com", "", "website"},
		{"Latin and Lisu", "https://a\ua4f8com.de", "", "website"}, {"emoji", "https://i❤.ws", "", "website"},
		{"Japanese", "https://tvテレビの1日ノ.jp", "", "website"},
		{"Latin beside Japanese", "https://tvテレビの1日.jp", "https://xn--tv1-mc4borqcwit682b.jp", ""},
		{"Catalan", "https://col·lecció.cat", "https://xn--collecci-ioa91d.cat", ""},
		{"Persian", "https://نامه\u200cای.com", "https://xn--mgba3gch31f060k.com", ""},
		{"Hindi and digits", "https://नेपाल1.com", "https://xn--1-wvdg6a9c9b.com", ""},
		{"Thai", "https://ไทย.th", "https://xn--o3cw4h.th", ""},
		{"script", "javascript:alert(1)", "", "website"}, {"data", "data:text/html,x", "", "website"},
		{"no scheme", "example.org", "", "website"}, {"user", "https://a:b@example.org", "", "website"},
		{"tab", "java\tscript:alert(1)", "", "website"}, {"no host", "https:///a", "", "website"},
		{"backslash", `https:\\example.org`, "", "website"},
	})
}

func TestParseBio(t *testing.T) {
	check(t, models.ParseBio, []want{
		{"500 characters, not bytes", strings.Repeat("ü", 500), strings.Repeat("ü", 500), ""}, {"501", strings.Repeat("ü", 501), "", "bio"},
		{"ten breaks", "a" + strings.Repeat("\r\n", 10) + "b", "a" + strings.Repeat("\n", 10) + "b", ""},
		{"eleven breaks", "a" + strings.Repeat("\n", 11) + "b", "", "bio"},
		{"control", "a\x00b", "", "bio"}, {"direction", "a\u202eb", "ab", ""},
	})
}

func TestParseTitleAndContent(t *testing.T) {
	check(t, models.ParseTitle, []want{
		{"shortest", " a ", "a", ""}, {"longest", strings.Repeat("ü", 200), strings.Repeat("ü", 200), ""},
		{"too long", strings.Repeat("ü", 201), "", "title"}, {"empty", " \n", "", "title"}, {"two lines", "a\nb", "", "title"},
		{"invisible", "\u200b\u2800\u3164", "", "title"}, {"only marks", "\u202d\u202c", "", "title"},
		{"copied number", "call \u202d+49 30 1\u202c", "call +49 30 1", ""}, {"joined", "👩\u200d🚀", "👩\u200d🚀", ""},
		{"markup stays text", "<b>", "<b>", ""}, {"not UTF-8", "a\xff", "", "title"},
	})
	check(t, models.ParseContent, []want{
		{"longest", strings.Repeat("ü", 10_000), strings.Repeat("ü", 10_000), ""}, {"too long", strings.Repeat("ü", 10_001), "", "content"},
		{"empty", "", "", "content"}, {"lines", "a\r\n\tb", "a\n\tb", ""}, {"lines of a spreadsheet", "a\vb\u2028c", "a\nb\nc", ""},
		{"marks", "\ufeffa \u2066b\u2069", "a b", ""}, {"invisible", " \u200b\n\u2060 ", "", "content"}, {"NUL", "a\x00", "", "content"},
	})
	check(t, models.ParseCommentBody, []want{
		{"longest", strings.Repeat("ü", 5_000), strings.Repeat("ü", 5_000), ""}, {"too long", strings.Repeat("ü", 5_001), "", "body"},
		{"empty", "\n", "", "body"},
	})
	check(t, models.ParseVisibility, []want{
		{"public", "public", "public", ""}, {"none", "", "", "visibility"}, {"unknown", "secret", "", "visibility"},
	})
}

// TestParseContent_SaysWhatIsWrong checks the sentences that people read.
func TestParseContent_SaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "invalid: Enter some text.",
		strings.Repeat("ü", 10_001): "invalid: Use at most 10,000 characters for the post; it has 10,001.",
		"a\xff":                     "invalid: Enter the post as UTF-8 text.",
		"a\x00":                     "invalid: Remove the invisible character U+0000: it is character 2 of the post.",
	} {
		if _, err := models.ParseContent(text); err == nil || err.Error() != want {
			t.Errorf("%.10q: %v, want %s", text, err, want)
		}
	}
}

func TestParseTags(t *testing.T) {
	tags := func(n int) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, "t%d ", i)
		}
		return s.String()
	}
	tests := []struct {
		in   string
		want []models.Tag
		ok   bool
	}{
		{"", []models.Tag{}, true},
		{"#Go, go  Über,こんにちは", []models.Tag{"go", "über", "こんにちは"}, true},
		{"U\u0308ber", []models.Tag{"über"}, true},
		{strings.Repeat("ü", 50), []models.Tag{models.Tag(strings.Repeat("ü", 50))}, true},
		{"C++ #C# .NET node.js, R&D ##f#", []models.Tag{"c++", "c#", ".net", "node.js", "r&d", "f#"}, true},
		{"sea, gulls.", []models.Tag{"sea", "gulls"}, true}, {"..", nil, false}, {"#", nil, false}, {"-", nil, false}, {"+\u0301", nil, false},
		{"a?b", nil, false}, {"a%b", nil, false}, {"a;b", nil, false}, {"＃a", nil, false},
		{strings.Repeat("ü", 51), nil, false}, {"a/b", nil, false}, {"<b>", nil, false}, {"a\u202eb", nil, false}, {tags(11), nil, false},
	}
	for _, tt := range tests {
		got, err := models.ParseTags(tt.in)
		if (err == nil) != tt.ok || fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%q became %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
	if got, err := models.ParseTags(tags(10)); len(got) != 10 || err != nil {
		t.Errorf("ten tags became %q, %v", got, err)
	}
}

func TestParseFilename(t *testing.T) {
	check(t, models.ParseFilename, []want{
		{"plain", "report.pdf", "report.pdf", ""}, {"unicode", "отчёт.pdf", "отчёт.pdf", ""},
		{"longest", strings.Repeat("a", 255), strings.Repeat("a", 255), ""}, {"too long", strings.Repeat("a", 256), "", "file"},
		{"markup stays text", "<img src=x>.png", "<img src=x>.png", ""},
		{"empty", "", "", "file"}, {"space", "  ", "", "file"}, {"parent", "..", "", "file"}, {"slash", "a/b", "", "file"},
		{"backslash", `a\b`, "", "file"}, {"newline", "a\nb", "", "file"}, {"NUL", "a\x00b", "", "file"}, {"not UTF-8", "a\xff", "", "file"},
		{"direction", "a\u202egpj.exe", "agpj.exe", ""}, {"isolates of a phone", "\u2068a\u2069.txt", "a.txt", ""},
		{"all marks", "\ufeff\u061ca\u200e\u200f\u202a\u202b\u202c\u202d\u2066\u2067.txt", "a.txt", ""},
		{"marks alone", "\u200e\u2069", "", "file"}, {"joined emoji", "👩\u200d💻.txt", "👩\u200d💻.txt", ""},
		{"longest without marks", strings.Repeat("a", 255) + "\u200e", strings.Repeat("a", 255), ""},
	})
	for name, want := range map[models.Filename]string{"a.TXT": ".txt", "a.tar.gz": ".gz", "a": "", ".profile": "", "a.": ""} {
		if got := name.Extension(); got != want {
			t.Errorf("extension of %q = %q, want %q", name, got, want)
		}
	}
}

func TestCursor(t *testing.T) {
	want := models.Cursor{At: time.Date(2026, 1, 2, 3, 4, 5, 678_000, time.UTC), ID: string(models.NewPostID())}
	if got, err := models.ParseCursor(want.String()); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if got, err := models.ParseCursor(""); err != nil || !got.IsZero() {
		t.Errorf("empty: %v, %v", got, err)
	}
	for _, in := range []string{"x", "!!", want.String() + "A", strings.Repeat("A", 500)} {
		if _, err := models.ParseCursor(in); problem.KindOf(err) != problem.Invalid {
			t.Errorf("%q: err = %v, want a problem", in, err)
		}
	}
}

func TestSecret_IsNotPrinted(t *testing.T) {
	secret := models.NewSecret()
	for _, format := range []string{"%v", "%s", "%+v"} {
		if got := fmt.Sprintf(format, secret); strings.Contains(got, secret.Reveal()) {
			t.Errorf("%s prints the secret", format)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "ann", "a@b.cd", "+15551234567", "https://example.org", "#tag, other", "a\r\nb", "\u202e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if name, err := models.ParseFilename(s); err == nil && strings.ContainsAny(string(name), "/\\\x00\r\n") {
			t.Errorf("file name %q", name)
		}
		if url, err := models.ParseWebsite(s); err == nil && url != "" &&
			!strings.HasPrefix(string(url), "http://") && !strings.HasPrefix(string(url), "https://") {
			t.Errorf("website %q", url)
		}
		if email, err := models.ParseEmail(s); err == nil && strings.ContainsAny(string(email), "\r\n<> ") {
			t.Errorf("email %q", email)
		}
		if phone, err := models.ParsePhone(s); err == nil && len(phone) > 16 {
			t.Errorf("phone %q", phone)
		}
		if bio, err := models.ParseBio(s); err == nil && (!utf8.ValidString(string(bio)) || utf8.RuneCountInString(string(bio)) > models.MaxBio) {
			t.Errorf("bio %q", bio)
		}
		if tags, err := models.ParseTags(s); err == nil {
			for _, tag := range tags {
				if again, err := models.ParseTag(string(tag)); err != nil || again != tag {
					t.Errorf("tag %q becomes %q, %v", tag, again, err)
				}
			}
		}
		if cursor, err := models.ParseCursor(s); err == nil && cursor.String() != s {
			t.Errorf("cursor %q prints as %q", s, cursor)
		}
	})
}
