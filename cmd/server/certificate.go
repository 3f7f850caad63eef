package main

import (
	"context"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/database"
)

// requireTLS rejects a command about certificates where the site has none.
func (c call) requireTLS() error {
	if !c.cfg.TLS() {
		return errors.New("TLS_MODE=off: your reverse proxy manages the certificates")
	}
	return nil
}

// withCertificates returns a command that runs do with the certificates.
func withCertificates(do func(context.Context, call, *certificates.Service) error) func(context.Context, call) error {
	return func(ctx context.Context, c call) error {
		if err := c.requireTLS(); err != nil {
			return err
		}
		return c.withDatabase(ctx, func(db *database.DB) error {
			certs, err := openCertificates(ctx, c.cfg, db, c.log)
			if err != nil {
				return err
			}
			return do(ctx, c, certs)
		})
	}
}

// revokeAuthority revokes the local authority.
func revokeAuthority(ctx context.Context, c call, certs *certificates.Service) error {
	if err := certs.RevokeLocalAuthority(ctx); err != nil {
		return err
	}
	return c.say("The local authority is revoked. Remove it where you imported it, and import the new one: server certificate ca")
}

// certificateStatus prints the state of the certificates. Its error says that one
// needs attention.
func certificateStatus(ctx context.Context, c call, certs *certificates.Service) error {
	states, err := certs.States(ctx)
	if err != nil {
		return err
	}
	now, trouble := now(), 0
	for _, state := range states {
		if certificates.NeedsAttention(state.Level(now)) {
			trouble++
		}
		if err := printState(c.out, state, now); err != nil {
			return err
		}
	}
	if trouble > 0 {
		return fmt.Errorf("%d of %d certificates are broken or expire soon", trouble, len(states))
	}
	return nil
}

func printState(out io.Writer, state certificates.State, now time.Time) error {
	const day = "2006-01-02 15:04 MST"
	lines := []string{fmt.Sprintf("%s: %s", state.Name, state.Level(now))}
	if !state.NotAfter.IsZero() {
		lines = append(lines,
			fmt.Sprintf("  expires      %s (%d days left)", state.NotAfter.UTC().Format(day), state.DaysLeft(now)),
			"  hosts        "+strings.Join(state.Hosts, ", "),
			"  issuer       "+state.Issuer,
			"  serial       "+state.Serial)
	}
	for _, sentence := range state.Broken {
		lines = append(lines, "  broken       "+sentence)
	}
	for _, sentence := range state.Notes {
		lines = append(lines, "  note         "+sentence)
	}
	if state.LastError != "" {
		lines = append(lines, fmt.Sprintf("  last error   %s (%s)", state.LastError, state.FailedAt.UTC().Format(day)))
	}
	if !state.NextAt.IsZero() {
		lines = append(lines, "  next attempt "+state.NextAt.UTC().Format(day))
	}
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

// localAuthority prints the certificate to import. Nothing else is on the output,
// so that it can go into a file.
func localAuthority(ctx context.Context, c call, certs *certificates.Service) error {
	text, err := certs.LocalAuthority(ctx)
	if err != nil {
		return err
	}
	block, _ := pem.Decode(text)
	_, _ = fmt.Fprintf(c.err, "Import this certificate where you trust it, and compare its SHA-256 fingerprint:\n%X\n",
		sha256.Sum256(block.Bytes))
	_, err = c.out.Write(text)
	return err
}
