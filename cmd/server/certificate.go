package main

import (
	"context"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/config"
)

// certificate does "certificate status", "ca", "revoke-ca" and "forget".
func (p program) certificate(ctx context.Context, cfg config.Config, log *slog.Logger, args []string) (err error) {
	flags := flag.NewFlagSet("certificate", flag.ContinueOnError)
	flags.SetOutput(p.err)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !cfg.TLS() {
		return errors.New("TLS_MODE=off: whoever speaks TLS for the site has its certificates")
	}
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if flags.Arg(0) == "forget" {
		if err := certificates.Forget(ctx, db); err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.out, "All certificates and keys in the database are forgotten.")
		return err
	}
	certs, err := openCertificates(ctx, cfg, db, log)
	if err != nil {
		return err
	}
	switch flags.Arg(0) {
	case "status":
		return p.certificateStatus(ctx, certs)
	case "ca":
		return p.localAuthority(ctx, certs)
	case "revoke-ca":
		if err := certs.RevokeLocalAuthority(ctx); err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.out, "The local authority is revoked. Remove it where it was imported, and import the next: server certificate ca")
		return err
	}
	return errors.New("usage: server certificate status|ca|revoke-ca|forget")
}

// certificateStatus prints how the certificates are. Its error says that one
// needs somebody to look after it.
func (p program) certificateStatus(ctx context.Context, certs *certificates.Service) error {
	states, err := certs.States(ctx)
	if err != nil {
		return err
	}
	now, trouble := time.Now(), 0
	for _, state := range states {
		if certificates.Needy(state.Level(now)) {
			trouble++
		}
		if err := printState(p.out, state, now); err != nil {
			return err
		}
	}
	if trouble > 0 {
		return fmt.Errorf("%d of %d certificates are broken or about to end", trouble, len(states))
	}
	return nil
}

func printState(out io.Writer, state certificates.State, now time.Time) error {
	const day = "2006-01-02 15:04 MST"
	lines := []string{fmt.Sprintf("%s: %s", state.Name, state.Level(now))}
	if !state.NotAfter.IsZero() {
		lines = append(lines,
			fmt.Sprintf("  good until   %s (%d days left)", state.NotAfter.UTC().Format(day), state.DaysLeft(now)),
			"  good for     "+strings.Join(state.Hosts, ", "),
			"  signed by    "+state.Issuer,
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
		lines = append(lines, "  next try     "+state.NextAt.UTC().Format(day))
	}
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

// localAuthority prints the certificate to import, alone on the output, so
// that it can go into a file.
func (p program) localAuthority(ctx context.Context, certs *certificates.Service) error {
	text, err := certs.LocalAuthority(ctx)
	if err != nil {
		return err
	}
	block, _ := pem.Decode(text)
	_, _ = fmt.Fprintf(p.err, "Import this where you trust it, and compare its SHA-256 fingerprint there:\n%X\n", sha256.Sum256(block.Bytes))
	_, err = p.out.Write(text)
	return err
}
