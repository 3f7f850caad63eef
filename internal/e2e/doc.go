// Package e2e tests the built binary from outside: with a real database and store, used by
// a real browser and by programs, and stopped, killed and short of resources. It contains
// only tests, and alone knows how to drive a browser.
package e2e
