package e2e_test

import (
	"errors"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
)

// run runs a command to its end, and returns its output and exit code.
func run(t *testing.T, cmd *exec.Cmd, input string) (string, int) {
	t.Helper()
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}

// The link printed at the first start creates one admin.
func TestSetup_LinkMakesOneAdmin(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	link := s.setupLink()
	if link == "" {
		t.Fatalf("no link is printed:\n%s", s.said)
	}
	if strings.Contains(s.log.String(), link) {
		t.Error("the link is in the log")
	}
	b := newTab(t, startBrowser(t), s, true)
	b.open("/setup/NOTTHELINK", 404)
	b.open(link, 200)
	b.fill("#username", "root_ann")
	b.fill("#email", "ann@example.org")
	b.fill("#password", "my name is root_ann")
	b.submit("main form button[type=submit]", 422) // a failed attempt does not use it up
	b.fill("#password", password)
	b.submit("main form button[type=submit]", 200)
	b.wantText(".menu-name", "root_ann")
	b.open("/users/root_ann", 200)
	b.wantText(".badge", "admin")

	other := newClient(t, s)
	other.get(link, http.StatusNotFound)
	other.post(link, url.Values{"username": {"eve"}, "email": {"eve@example.org"}, "password": {password}}, http.StatusNotFound)
	if strings.Contains(s.log.String(), strings.TrimPrefix(link, "/setup/")) {
		t.Error("the secret of the link is in the log")
	}
	s.stop()
	s.start()
	if got := s.setupLink(); got != "" {
		t.Errorf("there is an admin, and still a link: %s", got)
	}
}

// Commands of an operator, other than serve.
func TestCommands(t *testing.T) {
	for _, backend := range backends() {
		t.Run(backend.name, func(t *testing.T) {
			s := &site{t: t, place: backend.open(t)}
			want := func(code int, input, text string, args ...string) {
				t.Helper()
				out, got := run(t, s.command(args...), input)
				if got != code || !strings.Contains(out, text) {
					t.Errorf("server %q: exit code %d, want %d, and %q in:\n%s", args, got, code, text, out)
				}
			}
			want(0, "", "cloakroom "+builtVersion+"\n", "version")
			want(0, "", "Usage:", "help")
			for _, input := range []string{"", "\n"} { // scripts are told what to write, and are not asked
				out, got := run(t, s.command("admin", "create", "--username", "root_ann", "--email", "ann@example.org"), input)
				if got != 1 || !strings.Contains(out, "standard input") || strings.Contains(out, "Password:") {
					t.Errorf("admin create without a password: %d\n%s", got, out)
				}
			}
			want(1, "", "no command", "dance")
			want(0, "", "up to date", "migrate")
			want(0, "", "up to date", "migrate")
			want(1, "short\n", "password: ", "admin", "create", "--username", "boss", "--email", "boss@example.org")
			want(0, password+"\n", "Created the admin boss", "admin", "create", "--username", "boss", "--email", "boss@example.org")
			want(1, password+"\n", "username: ", "admin", "create", "--username", "BOSS", "--email", "boss@example.org")
			want(1, "", "usage:", "admin")
			want(0, "", "boss has the tier pro", "tier", "set", "--username", "Boss", "--tier", "pro")
			want(1, "", "tier: ", "tier", "set", "--username", "boss", "--tier", "gold")
			want(1, "", "username: ", "tier", "set", "--username", "nobody", "--tier", "pro")
			want(1, "", "usage:", "tier")
			for _, sub := range []string{"status", "ca", "revoke-ca", "forget"} {
				want(1, "", "TLS_MODE=off", "certificate", sub)
			}
			want(0, "", "Demo users", "seed")
			want(0, "", "already", "seed")
			s.start()
			if link := s.setupLink(); link != "" {
				t.Errorf("there is an admin, and still a link: %s", link)
			}
			newClient(t, s).logIn("boss")
			wantDemo(t, s)
		})
	}
}

// wantDemo requires what seed creates: five posts, four of them public, with images that
// the server's jobs have processed.
func wantDemo(t *testing.T, s *site) {
	t.Helper()
	guest := newClient(t, s)
	eventually(t, "the pictures of the demo are ready", func() bool {
		feed := string(guest.get("/", http.StatusOK).body)
		return strings.Count(feed, "<h2><a") == 4 && strings.Count(feed, "ticket-picture") == 2
	})
}

// All invalid settings are reported together.
func TestServe_ReportsEveryInvalidSetting(t *testing.T) {
	s := &site{t: t, place: sqliteAndDisk(t), extra: []string{"ADDR=nowhere", "IMAGE_WORKERS=0", "SESSION_IDLE=soon", "PUBLIC_URL=ftp://x"}}
	out, code := run(t, s.command("serve"), "")
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, name := range []string{"ADDR", "IMAGE_WORKERS", "SESSION_IDLE", "PUBLIC_URL"} {
		if strings.Count(out, name+" must be ") != 1 {
			t.Errorf("%s is not named once in:\n%s", name, out)
		}
	}
}
