package certificates

import (
	"context"
	"crypto/tls"
	"errors"
	"hash/fnv"
	"log/slog"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

const (
	// firstPause is the wait after the first failure; each further failure doubles
	// it, up to longestPause. Let's Encrypt refuses orders for an hour after five
	// failures, and a failed order may count twice, once for each kind of challenge.
	firstPause   = 10 * time.Minute
	longestPause = 6 * time.Hour
)

// renewAt returns when to renew a certificate: when a third of its lifetime or 30
// days are left, plus up to a tenth of that. The jitter depends on the serial
// number, so that sites do not all renew at the same time.
func renewAt(pair *tls.Certificate) time.Time {
	leaf := pair.Leaf
	left := min(leaf.NotAfter.Sub(leaf.NotBefore)/3, 30*24*time.Hour)
	hash := fnv.New64a()
	_, _ = hash.Write(leaf.SerialNumber.Bytes())
	const steps = 1000
	jitter := left / 10 / steps * time.Duration(hash.Sum64()%steps)
	return leaf.NotAfter.Add(-left + jitter)
}

// renew obtains one certificate, and records the failure if there is one. A
// certificate that browsers reject is a failure too; otherwise it would be
// obtained again and again.
func (k *databaseSource) renew(ctx context.Context, s subject) error {
	k.log.InfoContext(ctx, "obtaining a certificate", "name", s.name)
	err := k.issuer.issue(ctx, s)
	if err == nil {
		err = k.load(ctx)
	}
	if err == nil {
		var broken []string
		if broken, err = k.broken(ctx, s, k.pair(s.name)); len(broken) > 0 {
			err = &unusableError{strings.Join(broken, " ")}
		}
	}
	if err != nil {
		return k.recordFailure(context.WithoutCancel(ctx), s, err)
	}
	k.log.InfoContext(ctx, "obtained a certificate", "name", s.name)
	return k.db.DeleteCertificateFailure(ctx, k.authority, s.name)
}

// recordFailure stores and logs a failure, with the time of the next attempt. The
// authority's Retry-After takes precedence over the usual pause.
func (k *databaseSource) recordFailure(ctx context.Context, s subject, cause error) error {
	failures, err := k.failures(ctx)
	if err != nil {
		return errors.Join(cause, err)
	}
	now := k.now()
	f := models.CertificateFailure{
		Authority: k.authority, Name: s.name, Message: explainFailure(cause, s.name),
		Tries: failures[s.name].Tries + 1, FailedAt: now,
	}
	f.NextAt = now.Add(min(longestPause, firstPause<<min(f.Tries-1, 10)))
	if wait := retryAfter(cause); wait > 0 {
		f.Ordered = true
		f.NextAt = now.Add(max(wait, firstPause))
	}
	k.log.LogAttrs(ctx, slog.LevelWarn, "obtaining a certificate failed", slog.String("name", s.name),
		slog.String("why", f.Message), slog.Time("next", f.NextAt), slog.Any("err", cause))
	return k.db.PutCertificateFailure(ctx, &f)
}

// failures returns the recorded failures by name of the certificate.
func (k *databaseSource) failures(ctx context.Context) (map[string]models.CertificateFailure, error) {
	all, err := k.db.CertificateFailures(ctx, k.authority)
	byName := map[string]models.CertificateFailure{}
	for _, f := range all {
		byName[f.Name] = f
	}
	return byName, err
}
