// Package browserreports keeps what browsers say went against the policies of
// our pages, for the admin panel. It alone knows the forms such reports come in.
// Anyone can send them, so they are bounded in every way and never believed.
package browserreports

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
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
