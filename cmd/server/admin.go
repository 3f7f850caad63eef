package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/problem"
)

// admin does "admin create". The password comes from standard input, for
// arguments are seen by everyone on the machine.
func (p program) admin(ctx context.Context, cfg config.Config, log *slog.Logger, args []string) (err error) {
	if len(args) == 0 || args[0] != "create" {
		return errors.New("usage: server admin create --username NAME --email ADDRESS")
	}
	flags := flag.NewFlagSet("admin create", flag.ContinueOnError)
	flags.SetOutput(p.err)
	username := flags.String("username", "", "3 to 20 letters, digits or underscores")
	email := flags.String("email", "", "email address")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	_, _ = fmt.Fprint(p.err, "Password: ")
	password, err := bufio.NewReader(p.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the password: %w", err)
	}
	a, err := newApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	user, err := a.accounts.CreateAdmin(ctx, accounts.Registration{
		Username: *username, Email: *email, Password: strings.TrimRight(password, "\r\n"),
	})
	if found := problem.All(err); found != nil {
		return sentences(found)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "Created the admin %s.\n", user.Username)
	return err
}

// sentences turns problems into an error for a terminal.
func sentences(found []*problem.Error) error {
	lines := make([]string, len(found))
	for i, p := range found {
		lines[i] = p.Field + ": " + p.Message
	}
	return errors.New(strings.Join(lines, "\n"))
}
