// Package browserreports keeps what browsers say went against the policies of
// our pages, for the admin panel. It alone knows the forms such reports come in.
// Anyone can send them, so they are bounded in every way and never believed.
package browserreports

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// What this package puts into the audit log. It names reports by their
// identifiers alone: what they say is a stranger's.
const (
	ActionDelete    models.AuditAction = "browser_report.delete"
	ActionDeleteAll models.AuditAction = "browser_report.delete_all"
)

const (
	maxKept    = 1000                // different reports
	maxAtOnce  = 20                  // reports in one request; further ones are not looked at
	keptFor    = 30 * 24 * time.Hour // after a report came up for the last time
	retryAfter = time.Minute
)

// A Service looks after browser reports. All fields must be set.
type Service struct {
	DB    *database.DB
	Limit *rate.Limiter // requests of all browsers together
	Now   func() time.Time
}

// A report is one of application/reports+json (W3C Reporting API).
type report struct {
	Type string `json:"type"`
	URL  string `json:"url"`
	Body body   `json:"body"`
}

// A body has what the kinds of reports we ask for say.
type body struct {
	EffectiveDirective string `json:"effectiveDirective"`
	BlockedURL         string `json:"blockedURL"`
	ID                 string `json:"id"`     // of deprecations and interventions
	Policy             string `json:"policy"` // of permissions policies
	Type               string `json:"type"`   // of COEP and COOP
}

// A cspReport is application/csp-report (CSP Level 2), which some browsers
// still send.
type cspReport struct {
	Report struct {
		DocumentURI        string `json:"document-uri"`
		EffectiveDirective string `json:"effective-directive"`
		ViolatedDirective  string `json:"violated-directive"`
		BlockedURI         string `json:"blocked-uri"`
	} `json:"csp-report"`
}

// Receive keeps the reports in raw, which has the given media type. It returns
// a problem for what is no report, and when too many come.
func (s *Service) Receive(ctx context.Context, mediaType string, raw []byte) error {
	now := s.Now().UTC().Truncate(time.Microsecond)
	if !s.Limit.AllowN(now, 1) {
		busy := problem.New(problem.TooMany, "Too many reports; send them later.")
		busy.RetryIn = retryAfter
		return busy
	}
	found, err := parse(mediaType, raw)
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range found[:min(len(found), maxAtOnce)] {
		rule := firstOf(r.Body.EffectiveDirective, r.Body.Policy, r.Body.ID, r.Body.Type)
		kept := models.NewBrowserReport(r.Type, pageOf(r.URL), rule, originOf(r.Body.BlockedURL), now)
		errs = append(errs, s.DB.CountReport(ctx, kept, maxKept))
	}
	return errors.Join(errs...)
}

// PageSize is how many reports a page of the list has, and maxKinds how many
// kinds one can choose from: strangers name them.
const (
	PageSize = 50
	maxKinds = 30
)

// A List is a page of the reports, and the kinds there are most of.
type List struct {
	models.Page[models.BrowserReport]
	Kinds []string
}

// List returns the reports of a kind, or of all if it is empty, that came
// before, latest first.
func (s *Service) List(ctx context.Context, kind string, before models.Cursor) (l List, err error) {
	if l.Page, err = s.DB.BrowserReports(ctx, kind, before, PageSize); err != nil {
		return l, err
	}
	l.Kinds, err = s.DB.BrowserReportKinds(ctx, maxKinds)
	return l, err
}

// Delete removes a report, or returns NotFound. It comes again if a browser
// says the same once more.
func (s *Service) Delete(ctx context.Context, by models.Actor, id string) error {
	if !models.IsID(id) {
		return problem.New(problem.NotFound, "There is no such report.")
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.DeleteBrowserReport(ctx, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionDelete, models.BrowserReportObject(id), ""))
	})
}

// DeleteAll removes all reports.
func (s *Service) DeleteAll(ctx context.Context, by models.Actor) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		n, err := tx.DeleteBrowserReports(ctx)
		if err != nil || n == 0 {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionDeleteAll, "", strconv.FormatInt(n, 10)+" reports"))
	})
}

func (s *Service) audit(ctx context.Context, tx *database.DB, e models.AuditEvent) error {
	e.At = s.Now().UTC().Truncate(time.Microsecond)
	return tx.AppendAuditEvent(ctx, e)
}

// Expire does models.ExpireReports.
func (s *Service) Expire(ctx context.Context, _ models.ExpireReports) error {
	return s.DB.DeleteReportsBefore(ctx, s.Now().Add(-keptFor))
}

func parse(mediaType string, raw []byte) ([]report, error) {
	switch mediaType {
	case "application/reports+json":
		var found []report
		if err := json.Unmarshal(raw, &found); err != nil {
			return nil, problem.New(problem.Malformed, "That is not a list of reports.")
		}
		return found, nil
	case "application/csp-report":
		var one cspReport
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, problem.New(problem.Malformed, "That is not a report.")
		}
		r := one.Report
		return []report{{Type: "csp-violation", URL: r.DocumentURI, Body: body{
			EffectiveDirective: firstOf(r.EffectiveDirective, r.ViolatedDirective), BlockedURL: r.BlockedURI,
		}}}, nil
	}
	return nil, problem.New(problem.Unsupported, "Send application/reports+json or application/csp-report.")
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// pageOf is the first part of the path of address: what follows may be the
// secret of a link.
func pageOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return "/" + first
}

// originOf is the origin of address; words such as "inline" stay.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if u.Host == "" {
		return firstOf(u.Scheme, u.Path)
	}
	return u.Scheme + "://" + u.Host
}
