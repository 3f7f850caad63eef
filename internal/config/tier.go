package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/cloakroom/internal/models"
)

// tiersVariable holds what users of each tier get, entry by entry.
const tiersVariable = "TIERS"

// A Tier is what users of a tier get.
type Tier struct {
	MaxFileSize  int64 // of one file, in bytes
	Storage      int64 // of all files of a user, in bytes
	MaxSide      int64 // of an image, in pixels
	MaxPostFiles int64 // of one post
	ShareDays    int64 // longest life of a share, in days; 0: it may never expire
}

// A TierField is one of the things that a tier gives.
type TierField struct {
	Key      string // in an entry of TIERS
	Title    string
	Bytes    bool   // it is a size, not a number
	Unit     string // of a number
	min, max int64
	of       func(*Tier) *int64
}

// TierFields lists what a tier gives. All that reads, shows or changes tiers
// goes by this table.
func TierFields() []TierField {
	const kib, tib, pib = 1 << 10, 1 << 40, 1 << 50
	return []TierField{
		{"file", "Largest file", true, "", kib, tib, func(t *Tier) *int64 { return &t.MaxFileSize }},
		{"storage", "Storage", true, "", 0, pib, func(t *Tier) *int64 { return &t.Storage }},
		{"image-side", "Longest side of an image with a thumbnail", false, "pixels", 1, 1<<16 - 1, func(t *Tier) *int64 { return &t.MaxSide }},
		{"post-files", "Files in a post", false, "files", 1, models.MaxPostFiles, func(t *Tier) *int64 { return &t.MaxPostFiles }},
		{
			"share-days", "Longest life of a link (0: it may never expire)", false, "days", 0, models.MaxShareDays,
			func(t *Tier) *int64 { return &t.ShareDays },
		},
	}
}

// Name returns the name of the entry that sets f for tier: "TIERS:free.file".
func (f TierField) Name(tier models.Tier) string {
	return tiersVariable + ":" + string(tier) + "." + f.Key
}

// Of returns what t gives.
func (f TierField) Of(t Tier) int64 { return *f.of(&t) }

// allowed says what f can be set to.
func (f TierField) allowed() string {
	return between(f.Bytes, f.text(f.min), f.text(f.max))
}

// text writes n as an entry does.
func (f TierField) text(n int64) string {
	if f.Bytes {
		return Size(n).Exact()
	}
	return strconv.FormatInt(n, 10)
}

var errTierValue = errors.New("not within its bounds")

// set reads value into t.
func (f TierField) set(t *Tier, value string) error {
	var n Size
	var err error
	if f.Bytes {
		err = n.UnmarshalText([]byte(value))
	} else {
		var number int64
		number, err = strconv.ParseInt(value, 10, 64)
		n = Size(number)
	}
	if err != nil || int64(n) < f.min || int64(n) > f.max {
		return errTierValue
	}
	*f.of(t) = int64(n)
	return nil
}

// Tiers is what users of each tier get.
type Tiers map[models.Tier]Tier

// UnmarshalText implements encoding.TextUnmarshaler. Later entries win.
func (t *Tiers) UnmarshalText(text []byte) error {
	entries, err := models.ParseEntries(string(text))
	if err != nil {
		return err
	}
	all := Tiers{}
	for _, e := range entries {
		if err := all.set(tiersVariable+":"+e.Name, e.Value); err != nil {
			return err
		}
	}
	*t = all
	return nil
}

// set reads the value of one entry.
func (t Tiers) set(name, value string) error {
	tier, field, ok := tierEntry(name)
	if !ok {
		return fmt.Errorf("there is no %s", name)
	}
	gets := t[tier]
	if err := field.set(&gets, value); err != nil {
		return err
	}
	t[tier] = gets
	return nil
}

// text writes all entries.
func (t Tiers) text() string {
	var entries []string
	for _, tier := range models.Tiers() {
		for _, f := range TierFields() {
			entries = append(entries, string(tier)+"."+f.Key+"="+f.text(f.Of(t[tier])))
		}
	}
	return strings.Join(entries, ",")
}

// tierEntry returns what an entry of TIERS sets.
func tierEntry(name string) (models.Tier, TierField, bool) {
	entry, ok := strings.CutPrefix(name, tiersVariable+":")
	word, key, dotted := strings.Cut(entry, ".")
	fields := TierFields()
	i := slices.IndexFunc(fields, func(f TierField) bool { return f.Key == key })
	if !ok || !dotted || i < 0 || !slices.Contains(models.Tiers(), models.Tier(word)) {
		return "", TierField{}, false
	}
	return models.Tier(word), fields[i], true
}

// Tier returns what users of the tier get.
func (c Config) Tier(tier models.Tier) Tier { return c.Tiers[tier] }
