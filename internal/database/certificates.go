package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CertificateEntry returns the entry of authority with this name, or NotFound.
func (db *DB) CertificateEntry(ctx context.Context, authority, name string) (models.CertificateEntry, error) {
	e, err := take[models.CertificateEntry](ctx, db, "authority = ? AND name = ?", authority, name)
	return e, db.classify(err, "certificate")
}

// CertificateEntries returns all entries of authority, by name.
func (db *DB) CertificateEntries(ctx context.Context, authority string) ([]models.CertificateEntry, error) {
	all, err := find[models.CertificateEntry](db.gorm.WithContext(ctx).Where("authority = ?", authority).Order("name"))
	return all, db.classify(err, "certificate")
}

// PutCertificateEntry stores e in place of an entry of the same name.
func (db *DB) PutCertificateEntry(ctx context.Context, e *models.CertificateEntry) error {
	return db.changing(ctx, TopicCertificates, func(tx *DB) error { return put(ctx, tx, "certificate", e, "sealed", "updated_at") })
}

// DeleteCertificateEntry removes the entry of authority with this name, if there is
// one.
func (db *DB) DeleteCertificateEntry(ctx context.Context, authority, name string) error {
	return db.changing(ctx, TopicCertificates, func(tx *DB) error {
		_, err := tx.exec(ctx, `DELETE FROM certificate_entries WHERE authority = $1 AND name = $2`, authority, name)
		return tx.classify(err, "certificate")
	})
}

// DeleteCertificateAnswers removes old answers to challenges, whose names end in http
// or tls. They remain from orders whose node crashed.
func (db *DB) DeleteCertificateAnswers(ctx context.Context, http, tls string, before time.Time) error {
	const remove = `DELETE FROM certificate_entries WHERE (name LIKE '%' || $1 OR name LIKE '%' || $2) AND updated_at < $3`
	_, err := db.exec(ctx, remove, http, tls, before)
	return db.classify(err, "certificate")
}

// CertificateFailures returns why the last attempts at authority failed.
func (db *DB) CertificateFailures(ctx context.Context, authority string) ([]models.CertificateFailure, error) {
	all, err := find[models.CertificateFailure](db.gorm.WithContext(ctx).Where("authority = ?", authority).Order("name"))
	return all, db.classify(err, "certificate")
}

// PutCertificateFailure stores f in place of an earlier failure.
func (db *DB) PutCertificateFailure(ctx context.Context, f *models.CertificateFailure) error {
	return db.changing(ctx, TopicCertificates, func(tx *DB) error {
		return put(ctx, tx, "certificate", f, "message", "tries", "ordered", "failed_at", "next_at")
	})
}

// DeleteCertificateFailure removes a failure, if there is one.
func (db *DB) DeleteCertificateFailure(ctx context.Context, authority, name string) error {
	return db.changing(ctx, TopicCertificates, func(tx *DB) error {
		_, err := tx.exec(ctx, `DELETE FROM certificate_failures WHERE authority = $1 AND name = $2`, authority, name)
		return tx.classify(err, "certificate")
	})
}

// TakeLease gives the lease to holder until a time, and reports false if another
// holder has it now.
func (db *DB) TakeLease(ctx context.Context, name, holder string, now, until time.Time) (bool, error) {
	const take = `
		INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
		WHERE leases.holder = excluded.holder OR leases.expires_at <= $4`
	n, err := db.exec(ctx, take, name, holder, until, now)
	return n == 1, db.classify(err, "lease")
}

// ReleaseLease ends the lease, if holder has it.
func (db *DB) ReleaseLease(ctx context.Context, name, holder string) error {
	_, err := db.exec(ctx, `DELETE FROM leases WHERE name = $1 AND holder = $2`, name, holder)
	return db.classify(err, "lease")
}

// DeleteCertificateEntries removes all entries.
func (db *DB) DeleteCertificateEntries(ctx context.Context) error {
	return db.changing(ctx, TopicCertificates, func(tx *DB) error {
		_, err := tx.exec(ctx, `DELETE FROM certificate_entries`)
		return tx.classify(err, "certificate")
	})
}

// EndCertificateWait makes a certificate that waits after a failure be tried again at
// once. It returns NotFound if it does not wait, or if the authority set the time.
func (db *DB) EndCertificateWait(ctx context.Context, authority, name string, now time.Time) error {
	const end = `
		UPDATE certificate_failures SET next_at = $1
		WHERE next_at > $1 AND authority = $2 AND name = $3 AND NOT ordered`
	return db.changing(ctx, TopicCertificates, func(tx *DB) error { return tx.change(ctx, "certificate", end, now, authority, name) })
}
