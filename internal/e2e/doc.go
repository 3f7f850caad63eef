// Package e2e tests the whole program from outside: the built binary with a
// real database and a real store, used by a real browser and by programs, and
// stopped, killed and starved as machines do. It has no code but tests, and
// alone knows how to drive a browser.
package e2e
