package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// createAdmin creates an admin. The password comes from standard input, because
// everyone on the machine can see arguments. Only people are asked for it.
func createAdmin(ctx context.Context, c call) error {
	asked := isTerminal(c.in)
	if asked {
		_, _ = fmt.Fprint(c.err, "Password: ")
	}
	password, err := bufio.NewReader(c.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the password: %w", err)
	}
	if asked && err != nil {
		_, _ = fmt.Fprintln(c.err) // the question stays on a line of its own
	}
	password = strings.TrimRight(password, "\r\n")
	if password == "" {
		return errors.New("no password: write it to standard input, as in: echo 'a long password' | server admin create …")
	}
	in := accounts.RegistrationInput{Username: c.flags["username"], Email: c.flags["email"], Password: password}
	return c.withApp(ctx, func(a *app) error {
		user, err := a.accounts.CreateAdmin(ctx, in)
		if err != nil {
			return err
		}
		return c.say("Created the admin %s.", user.Username)
	})
}

// isTerminal reports whether in is typed by people.
func isTerminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// setTier sets the tier of a user, which running servers follow with their next
// request.
func setTier(ctx context.Context, c call) error {
	return c.withApp(ctx, func(a *app) error {
		user, err := a.accounts.SetTier(ctx, models.Actor{}, c.flags["username"], c.flags["tier"])
		if err != nil {
			return err
		}
		return c.say("%s has the tier %s.", user.Username, user.Tier)
	})
}

// changeUser does what the second word of the command says. Running servers
// follow with the user's next request.
func changeUser(ctx context.Context, c call) error {
	return c.withApp(ctx, func(a *app) error {
		change := map[string]struct {
			do   func(context.Context, models.Actor, string, string) (models.User, error)
			done string
		}{
			"suspend":       {a.accounts.Suspend, "is suspended"},
			"reinstate":     {a.accounts.Reinstate, "is reinstated"},
			"remove-factor": {a.accounts.RemoveFactorsOf, "no longer uses two-factor authentication; all sessions have ended"},
			"delete": {a.leaving.OperatorDelete, fmt.Sprintf("is signed out and hidden. The account is erased in %v, unless they sign in and "+
				"cancel that",
				c.cfg.DeletionGrace)},
		}[c.args[1]]
		user, err := change.do(ctx, models.Actor{}, c.flags["username"], c.flags["why"])
		if err != nil {
			return err
		}
		return c.say("%s %s.", user.Username, change.done)
	})
}

// resetPassword prints a link with which a user sets a new password.
func resetPassword(ctx context.Context, c call) error {
	return c.withApp(ctx, func(a *app) error {
		_, secret, err := a.accounts.NewResetLink(ctx, models.Actor{}, c.flags["username"], c.flags["why"])
		if err != nil {
			return err
		}
		return c.say("%s/reset/%s", c.cfg.PublicURL.String(), secret.Reveal())
	})
}

// invite prints the link of a new invitation. It is on standard output alone, so
// no log has it.
func invite(ctx context.Context, c call) error {
	in := models.InvitationInput{
		Role: cmp.Or(c.flags["role"], string(models.RoleUser)), Tier: cmp.Or(c.flags["tier"], string(models.TierFree)),
		Days: cmp.Or(c.flags["days"], "7"), Email: c.flags["email"], Note: c.flags["note"],
	}
	return c.withApp(ctx, func(a *app) error {
		_, secret, err := a.accounts.Invite(ctx, models.Actor{}, in)
		if err != nil {
			return err
		}
		if err := a.settings.Reload(ctx); err != nil {
			return err
		}
		if a.accounts.RegistrationClosed() {
			if _, err := fmt.Fprintln(c.err, "Nobody can use this link while REGISTRATION is closed."); err != nil {
				return err
			}
		}
		return c.say("%s/invite/%s", c.cfg.PublicURL.String(), secret.Reveal())
	})
}

func revokeInvitation(ctx context.Context, c call) error {
	return c.withApp(ctx, func(a *app) error {
		if err := a.accounts.RevokeInvitation(ctx, models.Actor{}, c.flags["id"]); err != nil {
			return problem.At("id", err)
		}
		return c.say("The invitation %s is revoked.", c.flags["id"])
	})
}

// invitationsAtOnce is how many are in memory while they are printed.
const invitationsAtOnce = 100

// listInvitations prints every invitation, newest first. It prints no links: the
// database only has their hashes.
func listInvitations(ctx context.Context, c call) error {
	return c.withApp(ctx, func(a *app) error {
		var from models.Cursor
		for {
			page, err := a.accounts.Invitations(ctx, from, invitationsAtOnce)
			if err != nil {
				return err
			}
			for _, i := range page.Items {
				if err := c.say("%s", invitationLine(i, a.accounts.Now())); err != nil {
					return err
				}
			}
			if page.Next.IsZero() {
				return nil
			}
			from = page.Next
		}
	})
}

// invitationLine describes i in one line: a note cannot hold another.
func invitationLine(i models.Invitation, now time.Time) string {
	state := "open until " + i.ExpiresAt.UTC().Format(time.RFC3339)
	if i.UsedAt != nil {
		state = "used at " + i.UsedAt.UTC().Format(time.RFC3339)
		if i.UsedBy != "" {
			state += " by " + string(i.UsedBy)
		}
	} else if !i.ExpiresAt.After(now) {
		state = "expired at " + i.ExpiresAt.UTC().Format(time.RFC3339)
	}
	line := fmt.Sprintf("%s %s, %s, %s", i.ID, i.Role, i.Tier, state)
	if i.Email != "" {
		line += " for " + string(i.Email)
	}
	if i.Note != "" {
		line += ": " + i.Note
	}
	return line
}
