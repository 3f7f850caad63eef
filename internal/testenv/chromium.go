package testenv

import "testing"

// Chromium returns the path of a browser that speaks the DevTools protocol.
func Chromium(t testing.TB) string {
	t.Helper()
	path := find(nil, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
	if path == "" {
		Missing(t, "Chromium", "`apt-get install chromium`")
	}
	return path
}
