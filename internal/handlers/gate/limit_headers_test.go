package gate

import (
	"math"
	"testing"
	"time"

	"example.org/cloakroom/internal/limits"
)

func TestStructuredFields_AreQuoted(t *testing.T) {
	for text, want := range map[string]string{
		"": `""`, "upload-minute": `"upload-minute"`, `a"b\c`: `"a\"b\\c"`, "a\r\nX: 1": `"a??X: 1"`, "ü\x7f": `"??"`, "~ ": `"~ "`,
	} {
		if got := string(appendString(nil, text)); got != want {
			t.Errorf("%q is written %s, want %s", text, got, want)
		}
	}
	for n, want := range map[int64]string{-1: "0", 0: "0", 60: "60", math.MaxInt64: "999999999999999"} {
		if got := string(appendInteger(nil, n)); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}

func TestTightest(t *testing.T) {
	second := limits.Window{Name: "second", Limit: 5, Remaining: 4, Period: time.Second}
	minute := limits.Window{Name: "minute", Limit: 100, Remaining: 50, Period: time.Minute}
	hour := limits.Window{Name: "hour", Limit: 1000, Remaining: 500, Period: time.Hour}
	spent := limits.Window{Name: "spent", Limit: 5, Remaining: 0, Period: time.Second}
	for want, all := range map[string][]limits.Window{
		"second": {second}, "minute": {second, minute}, "hour": {second, minute, hour}, "spent": {hour, spent, minute},
	} {
		if got := tightest(all); got.Name != want {
			t.Errorf("of %v the tightest is %s, want %s", all, got.Name, want)
		}
	}
}
