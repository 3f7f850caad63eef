package models

import (
	"fmt"
	"strings"
)

// An Entry is one assignment in a setting that holds many, such as LIMITS and
// TIERS: in "free.file=1GiB" the name is free.file and the value 1GiB.
type Entry struct{ Name, Value string }

// ParseEntries reads entries separated by commas. Empty ones are skipped.
func ParseEntries(text string) (entries []Entry, err error) {
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		name, value, ok := strings.Cut(one, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not like name=value", one)
		}
		entries = append(entries, Entry{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return entries, nil
}
