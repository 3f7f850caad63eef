package limits_test

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/limits"
)

// Whatever is written is read as the same.
func TestWritten_IsReadAgain(t *testing.T) {
	for _, text := range []string{"5-S+100-M", "1-D", "1B-D", "1500B-D", "3MiB-H", "20GiB-D", "2TiB-D", "6"} {
		act := limits.Post
		if strings.Contains(text, "B") {
			act = limits.UploadBytes
		} else if !strings.Contains(text, "-") {
			act = limits.UploadsAtOnce
		}
		policy, err := limits.Defaults().Override(string(act) + "=" + text)
		if err != nil {
			t.Fatal(err)
		}
		if rule, _ := policy.Rule(act); rule.Written(limits.Free) != text {
			t.Errorf("%s is written %s", text, rule.Written(limits.Free))
		}
	}
}
