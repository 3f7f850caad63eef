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
	// firstPause is how long after a failure the next try is; each further
	// failure doubles it, up to longestPause. An authority refuses who fails
	// often: Let's Encrypt for an hour after five failures, and a try that fails
	// may be two, one for each kind of challenge.
	firstPause   = 10 * time.Minute
	longestPause = 6 * time.Hour
)

// renewAt is when a certificate is to be renewed: when a third of its time is
// left, or 30 days, and then up to a tenth of that later, by its serial number,
// so that not all sites in the world come at midnight.
func renewAt(pair *tls.Certificate) time.Time {
	leaf := pair.Leaf
	left := min(leaf.NotAfter.Sub(leaf.NotBefore)/3, 30*24*time.Hour)
	hash := fnv.New64a()
	_, _ = hash.Write(leaf.SerialNumber.Bytes())
	const steps = 1000
	jitter := left / 10 / steps * time.Duration(hash.Sum64()%steps)
	return leaf.NotAfter.Add(-left + jitter)
}

// get gets one certificate, and notes why it failed if it does. One that
// nobody would believe is a failure, too: it would be got again and again.
func (k *kept) get(ctx context.Context, s subject) error {
	k.log.InfoContext(ctx, "getting a certificate", "name", s.name)
	err := k.issuer.issue(ctx, s)
	if err == nil {
		err = k.load(ctx)
	}
	if err == nil {
		var broken []string
		if broken, err = k.broken(ctx, s, k.pair(s.name)); len(broken) > 0 {
			err = &uselessError{strings.Join(broken, " ")}
		}
	}
	if err != nil {
		return k.noteFailure(context.WithoutCancel(ctx), s, err)
	}
	k.log.InfoContext(ctx, "got a certificate", "name", s.name)
	return k.db.DeleteCertificateFailure(ctx, k.authority, s.name)
}

func (k *kept) noteFailure(ctx context.Context, s subject, cause error) error {
	failures, err := k.failures(ctx)
	if err != nil {
		return errors.Join(cause, err)
	}
	now := k.now()
	f := models.CertificateFailure{
		Authority: k.authority, Name: s.name, Message: plainly(cause, s.name), Tries: failures[s.name].Tries + 1, FailedAt: now,
	}
	f.NextAt = now.Add(min(longestPause, firstPause<<min(f.Tries-1, 10)))
	if wait := toldToWait(cause); wait > 0 {
		f.Ordered = true
		f.NextAt = now.Add(max(wait, firstPause))
	}
	k.log.LogAttrs(ctx, slog.LevelWarn, "getting a certificate failed", slog.String("name", s.name),
		slog.String("why", f.Message), slog.Time("next", f.NextAt), slog.Any("err", cause))
	return k.db.PutCertificateFailure(ctx, &f)
}

func (k *kept) failures(ctx context.Context) (map[string]models.CertificateFailure, error) {
	all, err := k.db.CertificateFailures(ctx, k.authority)
	byName := map[string]models.CertificateFailure{}
	for _, f := range all {
		byName[f.Name] = f
	}
	return byName, err
}
