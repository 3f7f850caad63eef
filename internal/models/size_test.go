package models_test

import (
	"testing"

	"example.org/cloakroom/internal/models"
)

func TestSize_StringKeepsTheConfiguredUnit(t *testing.T) {
	for _, typed := range []string{"0 B", "999 B", "500 MB", "5 GB", "1 KiB", "2.5 KiB", "500 KiB", "1 GiB", "1.5 GiB",
		"1 TiB", "4 PiB"} {
		var size models.Size
		if err := size.UnmarshalText([]byte(typed)); err != nil || size.String() != typed {
			t.Errorf("%s reads %s, %v", typed, size, err)
		}
	}
}

func TestSize_StringRoundsDown(t *testing.T) {
	for size, want := range map[models.Size]string{
		1025: "1 KiB", 64_000: "62.5 KiB", 297_900: "290.9 KiB", 2_500_000: "2.3 MiB",
		123_456: "120.5 KiB", 1<<20 - 1: "1023.9 KiB", 999_999_999: "953.6 MiB", 1<<63 - 1: "8191.9 PiB",
	} {
		if got := size.String(); got != want {
			t.Errorf("%d bytes read %s, want %s", int64(size), got, want)
		}
	}
}
