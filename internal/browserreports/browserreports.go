// Package browserreports stores the violations of our pages' policies that
// browsers report, for the admin panel. It alone knows the formats of such
// reports. Anyone can send them, so their number and size are limited and their
// content is not trusted.
package browserreports

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Actions that this package writes to the audit log. The events name reports by
// ID only: their content comes from strangers.
const (
	ActionDelete    models.AuditAction = "browser_report.delete"
	ActionDeleteAll models.AuditAction = "browser_report.delete_all"
)

const (
	maxKept   = 1000                // distinct reports in the database
	maxAtOnce = 20                  // reports in one request; the rest are ignored
	keptFor   = 30 * 24 * time.Hour // after a report was last received
)

// A Service manages browser reports. All fields must be set.
type Service struct {
	DB  *database.DB
	Now func() time.Time
}

// A report is an element of application/reports+json (W3C Reporting API).
type report struct {
	Type string `json:"type"`
	URL  string `json:"url"`
	Body body   `json:"body"`
}

// A body has the fields of all the kinds of reports that our pages request.
type body struct {
	EffectiveDirective string `json:"effectiveDirective"`
	BlockedURL         string `json:"blockedURL"`
	ID                 string `json:"id"`     // of deprecations and interventions
	Policy             string `json:"policy"` // of permissions policies
	Type               string `json:"type"`   // of COEP and COOP
}

// A cspReport is the older format application/csp-report (CSP Level 2), which
// some browsers still send.
type cspReport struct {
	Report struct {
		DocumentURI        string `json:"document-uri"`
		EffectiveDirective string `json:"effective-directive"`
		ViolatedDirective  string `json:"violated-directive"`
		BlockedURI         string `json:"blocked-uri"`
	} `json:"csp-report"`
}

// Receive stores the reports in raw. It fails with a problem if the media type
// is unsupported or raw is malformed.
func (s *Service) Receive(ctx context.Context, mediaType string, raw []byte) error {
	now := s.Now().UTC().Truncate(time.Microsecond)
	found, err := parse(mediaType, raw)
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range found[:min(len(found), maxAtOnce)] {
		rule := firstOf(r.Body.EffectiveDirective, r.Body.Policy, r.Body.ID, r.Body.Type)
		counted := models.NewBrowserReport(r.Type, pageOf(r.URL), rule, originOf(r.Body.BlockedURL), now)
		errs = append(errs, s.DB.CountReport(ctx, counted, maxKept))
	}
	return errors.Join(errs...)
}

const (
	PageSize = 50 // reports on a page of the list
	maxKinds = 30 // kinds offered as a filter; strangers choose their names
)

// A List is a page of reports, with the most frequent kinds.
type List struct {
	models.Page[models.BrowserReport]
	Kinds []string
}

// List returns a page of the reports of a kind, or of all kinds if it is empty,
// most recent first, starting after the cursor.
func (s *Service) List(ctx context.Context, kind string, before models.Cursor) (l List, err error) {
	if l.Page, err = s.DB.BrowserReports(ctx, kind, before, PageSize); err != nil {
		return l, err
	}
	l.Kinds, err = s.DB.BrowserReportKinds(ctx, maxKinds)
	return l, err
}

// Delete removes a report, or fails with NotFound. The report reappears if a
// browser sends it again.
func (s *Service) Delete(ctx context.Context, by models.Actor, id string) error {
	if !models.IsID(id) {
		return problem.New(problem.NotFound, "Report not found.")
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

// Expire runs the job models.ExpireReports.
func (s *Service) Expire(ctx context.Context, _ models.ExpireReports) error {
	return s.DB.DeleteReportsBefore(ctx, s.Now().Add(-keptFor))
}

// parse reads the reports in raw, in either format.
func parse(mediaType string, raw []byte) ([]report, error) {
	switch mediaType {
	case "application/reports+json":
		var found []report
		if err := json.Unmarshal(raw, &found); err != nil {
			return nil, problem.New(problem.Malformed, "The body must be a list of reports.")
		}
		return found, nil
	case "application/csp-report":
		var one cspReport
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, problem.New(problem.Malformed, "The body must be a report.")
		}
		r := one.Report
		return []report{{Type: "csp-violation", URL: r.DocumentURI, Body: body{
			EffectiveDirective: firstOf(r.EffectiveDirective, r.ViolatedDirective), BlockedURL: r.BlockedURI,
		}}}, nil
	}
	return nil, problem.New(problem.Unsupported, "Send application/reports+json or application/csp-report.")
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// pageOf returns the first segment of the address's path; the rest may be the
// secret of a link.
func pageOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return "/" + first
}

// originOf returns the origin of address, or a keyword such as "inline" as it is.
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
