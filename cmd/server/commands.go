package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/settings"
)

// commands lists all commands but version and help, in the order of the usage.
func commands() []command {
	const who = "--username NAME [--why TEXT]"
	return []command{
		{"serve", "", "serves the site; this is the default", serve},
		{"healthcheck", "[--addr ADDRESS]", "asks the running server if it is ready; exits with 1 if it is not", healthcheck},
		{"migrate", "", "updates the database and stops; serve does the same when it starts", migrate},
		{"seed", "", "fills an empty site with demo users, posts and images", seed},
		{"admin create", "--username NAME --email ADDRESS", "creates an admin; the password is read from standard input", createAdmin},
		{"tier set", "--username NAME --tier free|pro|premium", "sets the tier of a user, from their next request on", setTier},
		{"tier reset", "", "resets tiers to their defaults", reset(settings.IsTier)},
		{"user suspend", who, "suspends a user: ends sessions and disables password and API tokens", changeUser},
		{"user reinstate", who, "reinstates a suspended user", changeUser},
		{"user remove-factor", who, "turns off two-factor authentication for a user who lost it", changeUser},
		{"user reset", who, "prints a link with which a user sets a new password, once, within 30 minutes", resetPassword},
		{"user delete", "--username NAME --why TEXT", "hides a user now and erases the account after DELETION_GRACE", changeUser},
		{"invitation create", "[--role user|moderator] [--tier free|pro|premium] [--days N] [--email ADDRESS] [--note TEXT]",
			"prints a link with which one person signs up", invite},
		{"invitation list", "", "lists invitations", listInvitations},
		{"invitation revoke", "--id ID", "revokes an unused invitation", revokeInvitation},
		{"ip-rule list", "", "lists the rules that block or allow addresses", listIPRules},
		{"ip-rule delete", "--prefix PREFIX", "deletes a rule, for example one that blocks all admins", deleteIPRule},
		{"limits show", "", "prints the limits that hold, as LIMITS writes them", showLimits},
		{"limits reset", "", "resets limits to their defaults", reset(settings.IsLimit)},
		{"settings show", "", "prints the settings that hold, without secrets", showSettings},
		{"settings reset", "", "resets settings to their defaults, but not tiers and limits", reset(settings.IsControl)},
		{"settings manual", "", "prints the manual of all settings, in Markdown", printManual},
		{"audit verify", "", "checks the audit log; exits with 1 if an event was changed, added or removed", verifyAudit},
		{"audit export", "", "prints the audit log as JSON lines", exportAudit},
		{"certificate status", "", "prints the state of the certificates; exits with 1 if one is broken or expires soon",
			withCertificates(certificateStatus)},
		{"certificate ca", "", "prints the certificate of the local authority, to import where you trust it", withCertificates(localAuthority)},
		{"certificate revoke-ca", "", "revokes the local authority; running servers make a new one", withCertificates(revokeAuthority)},
		{"certificate forget", "", "removes all certificates and keys from the database, for example when the site key is lost",
			forgetCertificates},
	}
}

// migrate brings the database up to date.
func migrate(ctx context.Context, c call) error {
	return c.withDatabase(ctx, func(*database.DB) error { return c.say("The database is up to date.") })
}

// reset resets what admins changed while the site ran. Running servers follow
// within seconds.
func reset(match func(name string) bool) func(context.Context, call) error {
	return func(ctx context.Context, c call) error {
		return c.withSettings(ctx, func(service *settings.Service) error {
			n, err := service.Reset(ctx, models.Actor{}, match)
			if err != nil {
				return err
			}
			return c.say("Changed values that were reset to their defaults: %d.", n)
		})
	}
}

// withSettings runs do with the service of settings, which needs the database alone.
func (c call) withSettings(ctx context.Context, do func(*settings.Service) error) error {
	base, err := settings.ValuesOf(c.cfg)
	if err != nil {
		return fmt.Errorf("LIMITS: %w", err)
	}
	return c.withDatabase(ctx, func(db *database.DB) error {
		service := &settings.Service{DB: db, Base: base, Apply: func(settings.Values) {}, Now: now}
		if err := service.Reload(ctx); err != nil {
			return err
		}
		return do(service)
	})
}

func showSettings(ctx context.Context, c call) error {
	return c.withSettings(ctx, func(service *settings.Service) error {
		for _, s := range service.Current().Manual() {
			value := s.Value
			if s.Secret && s.Set {
				value = "[secret]"
			}
			if err := c.say("%s=%s", s.Name, value); err != nil {
				return err
			}
		}
		return nil
	})
}

func printManual(_ context.Context, c call) error {
	_, err := io.WriteString(c.out, config.Markdown())
	return err
}

func showLimits(ctx context.Context, c call) error {
	return c.withSettings(ctx, func(service *settings.Service) error {
		for _, rule := range service.Current().Policy.Rules() {
			for _, class := range limits.ClassesOf(rule) {
				if err := c.say("%s=%s", limits.EntryOf(rule, class), rule.Written(class)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func listIPRules(ctx context.Context, c call) error {
	return c.withDatabase(ctx, func(db *database.DB) error {
		rules, err := (&iprules.Service{DB: db, Now: now}).Rules(ctx)
		for _, r := range rules {
			end := "without end"
			if r.ExpiresAt != nil {
				end = "until " + r.ExpiresAt.UTC().Format(time.RFC3339)
			}
			if err := c.say("%s %s %s %s", r.Action, r.Prefix, end, r.Note); err != nil {
				return err
			}
		}
		return err
	})
}

// deleteIPRule deletes a rule. Running servers follow within seconds.
func deleteIPRule(ctx context.Context, c call) error {
	return c.withDatabase(ctx, func(db *database.DB) error {
		if err := (&iprules.Service{DB: db, Now: now}).Delete(ctx, models.Actor{}, c.flags["prefix"]); err != nil {
			return err
		}
		return c.say("The rule for %s is deleted.", c.flags["prefix"])
	})
}

func verifyAudit(ctx context.Context, c call) error {
	return c.withDatabase(ctx, func(db *database.DB) error {
		service, err := openAudit(c.cfg, db, c.log)
		if err != nil {
			return err
		}
		state, err := service.Verify(ctx)
		if err != nil {
			return err
		}
		lines := []string{fmt.Sprintf("The audit log is whole: %d events, the last of them number %d with the hash %s.",
			state.Events, state.Last, state.Hash)}
		if state.Cut > 0 {
			lines = append(lines, fmt.Sprintf("The events up to number %d were removed after AUDIT_RETENTION; their removal is signed.", state.Cut))
		}
		lines = append(lines, fmt.Sprintf("The events up to number %d are signed with the site key.", state.Signed))
		return c.say("%s", strings.Join(lines, "\n"))
	})
}

func exportAudit(ctx context.Context, c call) error {
	return c.withDatabase(ctx, func(db *database.DB) error {
		service, err := openAudit(c.cfg, db, c.log)
		if err != nil {
			return err
		}
		return service.Export(ctx, c.out)
	})
}

func forgetCertificates(ctx context.Context, c call) error {
	if err := c.requireTLS(); err != nil {
		return err
	}
	return c.withDatabase(ctx, func(db *database.DB) error {
		if err := certificates.Forget(ctx, db); err != nil {
			return err
		}
		return c.say("All certificates and keys are removed from the database.")
	})
}
