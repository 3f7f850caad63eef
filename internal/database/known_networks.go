package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// networkKept is how long a network of a user's is known after their last sign-in from it.
const networkKept = 180 * 24 * time.Hour

// RememberNetwork stores that the user has signed in from a network.
func (db *DB) RememberNetwork(ctx context.Context, user models.UserID, network string, now time.Time) error {
	if network == "" { // a command on the server
		return nil
	}
	const remember = `
		INSERT INTO known_networks (user_id, network, last_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, network) DO UPDATE SET last_at = excluded.last_at`
	_, err := db.exec(ctx, remember, user, network, now)
	return db.classify(err, "network")
}

// KnowsNetwork reports whether the user has signed in from the network.
func (db *DB) KnowsNetwork(ctx context.Context, user models.UserID, network string) (known bool, err error) {
	const find = `SELECT EXISTS (SELECT 1 FROM known_networks WHERE user_id = $1 AND network = $2)`
	err = db.row(ctx, find, []any{user, network}, &known)
	return known, db.classify(err, "network")
}

// ToldOfGuessing stores that the user is told now that somebody guesses their password,
// and reports whether they were not told since then.
func (db *DB) ToldOfGuessing(ctx context.Context, user models.UserID, now, since time.Time) (first bool, err error) {
	const told = `UPDATE users SET guessed_at = $1 WHERE id = $2 AND (guessed_at IS NULL OR guessed_at <= $3)`
	n, err := db.exec(ctx, told, now, user, since)
	return n > 0, db.classify(err, "user")
}
