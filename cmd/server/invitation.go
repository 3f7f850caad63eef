package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// invitationsAtOnce is how many are in memory while they are printed.
const invitationsAtOnce = 100

// invitation does "invitation create", "list" and "revoke". The link is printed
// once, on standard output alone, so it is in no log.
func (p program) invitation(ctx context.Context, cfg config.Config, log *slog.Logger, args []string) (err error) {
	usage := errors.New("usage: server invitation create [--role user|moderator] [--tier free|pro|premium] [--days N] [--email ADDRESS] [--note TEXT] | list | revoke --id ID")
	if len(args) == 0 || !slices.Contains([]string{"create", "list", "revoke"}, args[0]) {
		return usage
	}
	flags := flag.NewFlagSet("invitation "+args[0], flag.ContinueOnError)
	flags.SetOutput(p.err)
	var in models.InvitationIncoming
	var id string
	switch args[0] {
	case "create":
		flags.StringVar(&in.Role, "role", "user", "of who comes by it: user or moderator")
		flags.StringVar(&in.Tier, "tier", "free", "of who comes by it: free, pro or premium")
		flags.StringVar(&in.Days, "days", "7", "for how many days it is good, 1 to 30")
		flags.StringVar(&in.Email, "email", "", "a mail address it is bound to; empty: anybody's")
		flags.StringVar(&in.Note, "note", "", "for other admins")
	case "revoke":
		flags.StringVar(&id, "id", "", "of the invitation, as list prints it")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return usage
	}
	a, err := newApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	switch args[0] {
	case "create":
		err = p.invite(ctx, a, cfg, in)
	case "list":
		err = p.invitations(ctx, a)
	case "revoke":
		if err = problem.At("id", a.accounts.Uninvite(ctx, models.Actor{}, id)); err == nil {
			_, err = fmt.Fprintf(p.out, "The invitation %s is taken back.\n", id)
		}
	}
	if found := problem.All(err); found != nil {
		return sentences(found)
	}
	return err
}

// invite prints the link of a new invitation.
func (p program) invite(ctx context.Context, a *app, cfg config.Config, in models.InvitationIncoming) error {
	_, secret, err := a.accounts.Invite(ctx, models.Actor{}, in)
	if err != nil {
		return err
	}
	if err := a.settings.Follow(ctx); err != nil {
		return err
	}
	if a.accounts.Closed() {
		if _, err := fmt.Fprintln(p.err, "Nobody can register by it while REGISTRATION is closed."); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(p.out, "%s/invite/%s\n", cfg.PublicURL.String(), secret.Reveal())
	return err
}

// invitations prints every invitation, newest first, and no link: of those
// there is only a hash.
func (p program) invitations(ctx context.Context, a *app) error {
	var from models.Cursor
	for {
		page, err := a.accounts.Invitations(ctx, from, invitationsAtOnce)
		if err != nil {
			return err
		}
		for _, i := range page.Items {
			if _, err := fmt.Fprintln(p.out, invitationLine(i, a.accounts.Now())); err != nil {
				return err
			}
		}
		if page.Next.IsZero() {
			return nil
		}
		from = page.Next
	}
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
