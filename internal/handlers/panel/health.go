package panel

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
)

// A Host is what the site runs on.
type Host struct {
	Version  string // of the server
	Database string // its product
	Storage  string // where files are
	Mail     string // the host of the mail server; empty: no email is sent

	// Ready returns an error if the database does not answer.
	Ready func(context.Context) error

	// Space returns the free and the whole space of the storage in bytes. It is nil where
	// that is not known.
	Space func() (free, whole int64, err error)
}

const (
	// lowSpace is the free space, in bytes, below which the overview warns; so it does below
	// one part in lowShare of the whole.
	lowSpace = 1 << 30
	lowShare = 20
)

// A healthLine says how a part of the site is.
type healthLine struct {
	Part string
	Says string
	Bad  bool   // somebody should look at it
	Off  bool   // the site does without
	Path string // where to look; can be empty
}

// A health is how the site is.
type health struct {
	Lines []healthLine
	Mails bool // a test can be sent
}

// Bad counts the parts that somebody should look at.
func (h health) Bad() (n int) {
	for _, l := range h.Lines {
		if l.Bad {
			n++
		}
	}
	return n
}

// healthOf looks at each part of the site.
func (p *Panel) healthOf(ctx context.Context, n overview.Numbers) health {
	database := healthLine{Part: "Database", Says: p.Host.Database + " answers"}
	if err := p.Host.Ready(ctx); err != nil {
		database.Says, database.Bad = p.Host.Database+" does not answer", true
	}
	jobs := healthLine{Part: "Jobs", Says: "none failed", Path: jobsPath}
	if failed := n.Jobs[models.JobGivenUp]; failed > 0 {
		jobs.Says, jobs.Bad, jobs.Path = page.Number(failed)+" failed", true, jobsPath+"?state="+string(models.JobGivenUp)
	}
	mail := healthLine{Part: "Email", Says: "set up, through " + p.Host.Mail}
	if p.Host.Mail == "" {
		mail.Says, mail.Off = "not set up: no email is sent (SMTP_URL)", true
	}
	tls := healthLine{Part: "Certificates", Says: "not managed here", Off: true, Path: certificatesPath}
	if worst := p.worstCertificate(); worst != "" {
		tls.Says, tls.Off, tls.Bad = worst, false, worst != levelWords(certificates.LevelOK)
	}
	return health{
		Lines: []healthLine{database, p.storageLine(ctx), mail, jobs, tls, {Part: "Version", Says: p.Host.Version}},
		Mails: p.Host.Mail != "",
	}
}

// storageLine says how much space is left for files.
func (p *Panel) storageLine(ctx context.Context) healthLine {
	line := healthLine{Part: "Storage", Says: p.Host.Storage}
	if p.Host.Space == nil {
		return line
	}
	free, whole, err := p.Host.Space()
	if err != nil {
		p.Log.LogAttrs(ctx, slog.LevelError, "asking for the free space", slog.Any("err", err))
		line.Says, line.Bad = p.Host.Storage+": the free space is unknown", true
		return line
	}
	line.Says = fmt.Sprintf("%s, %s of %s free", p.Host.Storage, page.Size(free), page.Size(whole))
	line.Bad = free < lowSpace || free < whole/lowShare
	return line
}

// MailTest handles POST /admin/test-mail: it sends the admin an email.
func (p *Panel) MailTest(c echo.Context) error {
	ctx := c.Request().Context()
	if err := p.Accounts.SendTest(ctx, gate.Actor(c)); err != nil {
		p.Log.LogAttrs(ctx, slog.LevelWarn, "the test of the mail server", slog.Any("err", err))
		return err
	}
	return p.Tell(c, "/admin", "testmail")
}
