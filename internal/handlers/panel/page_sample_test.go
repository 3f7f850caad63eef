package panel

import (
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/overview"
)

func TestPanelPages(t *testing.T) {
	pagetest.Check(t, pagetest.Room{
		Funcs: page.Funcs, Owns: ownsPanel, Full: panelSamples(), Empty: panelEmptySamples(),
		Fields: map[string][]string{
			"admin_audit":       {"actor", "user"},
			"admin_content":     {"user", "state", "q"},
			"admin_subject":     {"why", "reason"},
			"admin_invitations": {"role", "tier", "days", "email", "note"},
			"admin_users":       {"q", "role", "tier", "sort"},
			"admin_user":        {"tier", "role", "quota", "why"},
			"admin_ip_rules":    {"prefix", "action", "note", "for"},
			"admin_limit":       {"guest", "free", "premium", "admin"},
		},
	})
}

func ownsPanel(name string) bool { return strings.HasPrefix(name, "admin_") }

// panelSamples returns each page with everything on it.
func panelSamples() map[string]any {
	viewer := pagetest.User("mira")
	base := func(title, path string) page.Frame {
		return page.Frame{
			Title: title, User: viewer, Path: path, Query: "ridge", Notice: "It is done.", Signup: true,
			HasIdentities: func() bool { return true },
		}
	}
	admin := viewer
	admin.Role = models.RoleAdmin
	suspended, ownQuota := pagetest.User("jonas_w"), int64(1000)
	suspended.SuspendedAt, suspended.Quota = &pagetest.Time, &ownQuota
	asAdmin := func(title, path string) page.Frame {
		p := base(title, path)
		p.User = admin
		return p
	}
	ruleOfUploads, _ := limits.Defaults().Rule(limits.Upload)
	return map[string]any{
		"admin_invitations": invitationsPage{Frame: asAdmin("Invitations", "/admin/invitations"), Older: "/admin/invitations?before=x",
			Link: "https://example.org/invite/X", Now: pagetest.Time,
			Form:     models.InvitationInput{Role: "moderator", Tier: "pro", Days: "x", Email: "<b>", Note: "Hello"},
			Problems: pagetest.Problems("role", "tier", "days", "email", "note"),
			Invitations: []models.Invitation{{ID: "I1", Role: models.RoleUser, Tier: models.TierFree, Email: "eve@example.org", Note: "a <b>friend",
				CreatedAt: pagetest.Time, ExpiresAt: pagetest.Time.Add(time.Hour)},
				{ID: "I2", Role: models.RoleModerator, Tier: models.TierPro, CreatedAt: pagetest.Time, ExpiresAt: pagetest.Time, UsedAt: &pagetest.Time,
					UsedBy: "mira"}, {ID: "I3", CreatedAt: pagetest.Time, ExpiresAt: pagetest.Time}}},
		"admin_users": usersPage{Frame: asAdmin("Users", "/admin/users"), Form: actions.UserListForm{Q: "mi", Role: "user", Tier: "pro",
			Sort: "storage", Suspended: true}, More: "/admin/users?after=x", Problems: pagetest.Problems("q", "role", "tier", "sort"),
			Users: []models.User{suspended, pagetest.User("jonas_w")}},
		"admin_user": userPage{Frame: asAdmin("jonas_w", "/admin/users/jonas_w"), Account: suspended, Quota: 1000,
			Factor: models.SecondFactor{Since: &pagetest.Time}, ResetLink: "https://example.org/reset/X",
			GoneAt: pagetest.Time, Form: userForm{"reinstate", "pro", "admin", "<b>", "spam", "jonas<b>", "spam <b>", true},
			Problems: pagetest.Problems("tier", "role", "quota", "why", "typed", "reason"),
			Events: []models.AuditView{{AuditEvent: models.AuditEvent{Seq: 3, At: pagetest.Time, Action: "user.suspend", Address: "192.0.2.7",
				Outcome: models.Done, Detail: "spam"}, Actor: "mira"}}},
		"admin_ip_rules": ipRulesPage{Frame: asAdmin("IP rules", "/admin/ip-rules"), Most: 1000, Own: "2001:db8::7",
			Problems: pagetest.Problems("prefix", "action", "note", "for"),
			Form:     iprules.Input{Prefix: "<b>", Action: "allow", Note: "Nobody", For: "720h"},
			Rules: []models.IPRule{{Prefix: "192.0.2.0/24", Action: models.Block, Note: "a <b>scanner", ExpiresAt: &pagetest.Time,
				CreatedAt: pagetest.Time}, {Prefix: "2001:db8::/32", Action: models.Allow, CreatedAt: pagetest.Time}}},
		"admin_browser_reports": browserReportsPage{Frame: asAdmin("Browser reports", "/admin/browser-reports"), Kind: "csp-violation",
			Kinds: []string{"coep", "csp-violation", "<b>"}, Older: "/admin/browser-reports?before=x",
			Reports: []models.BrowserReport{{ID: "R1", Kind: "csp-violation", Page: "/posts", Rule: "script-src-elem",
				Blocked: "https://evil.example", Times: 1200, FirstAt: pagetest.Time, LastAt: pagetest.Time.Add(time.Hour)},
				{ID: "R2", Kind: "<script>", Page: "/" + strings.Repeat("w", 99), Rule: strings.Repeat("rule", 25), Blocked: "javascript:alert(1)",
					Times: 1, FirstAt: pagetest.Time, LastAt: pagetest.Time}, {ID: "R3", FirstAt: pagetest.Time, LastAt: pagetest.Time}}},
		"admin_certificates": certificatesPage{Frame: asAdmin("Certificates", "/admin/certificates"), Here: true,
			Certificates: certificateRows([]certificates.State{
				{Name: "files.example.org", Hosts: []string{"files.example.org", "2001:db8::1"}, Issuer: "Example <CA>", Serial: "04ab",
					NotBefore: pagetest.Time.AddDate(0, 0, -60), NotAfter: pagetest.Time.AddDate(0, 0, 30)},
				{Name: "www.example.org", Broken: []string{"There is no certificate for www.example.org yet."},
					LastError: "The authority could <b>not</b> be reached.", FailedAt: pagetest.Time, NextAt: pagetest.Time.Add(time.Hour)},
				{Name: "old.example.org", Hosts: []string{"old.example.org"}, NotAfter: pagetest.Time.AddDate(0, 0, -1), Broken: []string{"It expired."},
					Notes: []string{"No root that this machine trusts signed it."}, LastError: "Too often.", FailedAt: pagetest.Time,
					NextAt: pagetest.Time.Add(time.Hour), Ordered: true}}, pagetest.Time)},
		"admin_overview": overviewPage{Frame: asAdmin("Overview", "/admin"), Numbers: pagetest.Numbers(),
			Health: health{Mails: true, Lines: []healthLine{{Part: "Storage", Says: "1 GiB free", Bad: true, Path: "/x"}}},
			Queue:  queueOf(pagetest.Numbers().Jobs), Charts: chartsOf(pagetest.Numbers())},
		"admin_tiers":    sampleTiers(asAdmin("Tiers", "/admin/tiers")),
		"admin_tier":     sampleTier(asAdmin("Tier free", "/admin/tiers/free")),
		"admin_settings": sampleSettings(asAdmin("Settings", "/admin/settings")),
		"admin_jobs": jobsPage{Frame: asAdmin("Jobs", "/admin/jobs"), State: models.JobFailing, Older: "/admin/jobs?before=2",
			Problems: pagetest.Problems("state"),
			Jobs: []models.QueuedJob{{ID: 3, Kind: "send_mail", State: models.JobFailing, Tries: 2, Error: "no <b>answer", NextAt: pagetest.Time},
				{ID: 2, Kind: "sweep_blobs", State: models.JobGivenUp, NextAt: pagetest.Time}}},
		"admin_limits": limitsPage{Frame: asAdmin("Limits", "/admin/limits"),
			Sections: []limitSection{{Name: "uploads", Title: "Uploads", Rows: []limitRow{
				{Rule: ruleOfUploads, Cells: []limitCell{{"guest", "20-M", "20 a minute", ""},
					{"free", "5-S+60-M", "5 a second, 60 a minute", "changed"}, {"pro", "50-M", "50 a minute", "environment"}}}}}}},
		"admin_limit": limitPage{Frame: asAdmin("Uploads", "/admin/limits/upload"), Rule: ruleOfUploads, Previewed: true,
			Problems: pagetest.Problems("guest", "free", "pro", "premium", "admin"),
			Effects:  []limitEffect{{"free", "5 a second", "1 a second", "432000 times to 86400 times in a whole day", "tighter"}},
			Fields: []limitField{{limitCell{"guest", "20-M", "20 a minute", ""}, "guest", "20-M", "x"},
				{limitCell{"free", "5-S", "5 a second", "changed"}, "free", "1-S", "<b>"}, {limitCell{"pro", "50-M", "50 a minute", "environment"},
					"pro", "50-M", "50-M"},
				{limitCell{"premium", "50-M", "50 a minute", ""}, "premium", "50-M", "50-M"}, {limitCell{"admin", "50-M", "50 a minute", ""}, "admin",
					"50-M", "50-M"}}},
		"admin_audit": auditPage{Frame: asAdmin("Audit log", "/admin/audit"), Actions: models.AuditActions(), Form: actions.AuditForm{Actor: "mira", Action: "user.suspend",
			User: "jonas_w", Outcome: "refused"}, Older: "/admin/audit?before=2", Problems: pagetest.Problems("actor", "user"),
			Signed: models.AuditMark{Seq: 2, At: pagetest.Time},
			Events: []models.AuditView{
				{AuditEvent: models.AuditEvent{Seq: 3, At: pagetest.Time, ActorID: "Umira", Action: "user.suspend", Object: "user:Ujonas_w",
					Address: "192.0.2.7", Outcome: models.Done, Detail: "spam <b>"}, Actor: "mira", Subject: "jonas_w"},
				{AuditEvent: models.AuditEvent{Seq: 2, At: pagetest.Time, ActorID: "Ugone", Action: "post.hide", Object: "post:X",
					Outcome: models.Refused}}}},
		"admin_reports": reportsPage{Frame: asAdmin("Reports", "/admin/reports"), More: "/admin/reports?from=x",
			Reports: []models.ReportView{pagetest.Report(), {Report: models.Report{ID: "R2", Object: "user:U1", Times: 1,
				Decision: models.DecisionSuspend, DecidedAt: &pagetest.Time}, Owner: "ada", Decider: "mira"}}},
		"admin_report": reportPage{Frame: asAdmin("Report about a post", "/admin/reports/R1"), Address: "/posts/POST0", Who: models.AudienceOwner,
			WhyNot: "it is hidden", HTML: "<p>words</p>", Problems: pagetest.Problems("decision", "why", "note"),
			Form: moderation.DecisionInput{Decision: "hide", Why: "<b>", Note: "<i>"}, Report: moderation.Detail{ReportView: pagetest.Report(),
				Claimed: true,
				Now: models.SubjectView{Subject: models.Subject{Kind: models.SubjectPost, ID: "POST0"}, OwnerID: "Ujonas_w", Owner: "jonas_w",
					Title: "Three days", HiddenAt: &pagetest.Time, CreatedAt: pagetest.Time},
				Reporters: []models.ReportVoice{{Reporter: "ada", Reason: models.ReasonSpam, Words: "<b>buy", CreatedAt: pagetest.Time},
					{Reason: models.ReasonOther, CreatedAt: pagetest.Time}}}},
		"admin_content": contentPage{Frame: asAdmin("Posts", "/admin/posts"), Kind: models.SubjectPost,
			Form: contentForm{"jonas_w", "hidden", "<b>"}, More: "/admin/posts?before=x", Problems: pagetest.Problems("user", "state", "q"),
			Items: pagetest.Contents()},
		"admin_subject": subjectPage{Frame: asAdmin("A file of jonas_w", "/admin/content/file/F1"), List: "/admin/files", Address: "/posts/POST0",
			HTML: "<p>words</p>", Who: models.AudienceNobody, WhyNot: "it is in quarantine", Why: "<b>", Reason: "<i>",
			Problems: pagetest.Problems("why", "reason"),
			Seen: moderation.AdminView{SubjectView: pagetest.Contents()[4], SHA256: strings.Repeat("7f", 32), Report: "R1",
				Links: []moderation.LinkView{{State: models.ShareOpen, Summary: "download", PickedUp: 3, CreatedAt: pagetest.Time,
					UsedAt: &pagetest.Time}, {State: models.ShareUsedUp, Summary: "preview", CreatedAt: pagetest.Time}},
				Files: pagetest.Contents()[3:], Others: []models.BreakGlassView{{Admin: "ada",
					BreakGlass: models.BreakGlass{ExpiresAt: pagetest.Time}}}},
			Events: []models.AuditView{{AuditEvent: models.AuditEvent{Seq: 3, At: pagetest.Time, Action: "file.hide", Address: "192.0.2.7",
				Outcome: models.Done, Detail: "malware <b>"}, Actor: "mira"}}},
	}
}

// panelEmptySamples returns each page with as little on it as there can be.
func panelEmptySamples() map[string]any {
	p := page.Frame{Title: "Empty"}
	return map[string]any{
		"admin_invitations":     invitationsPage{Frame: p},
		"admin_users":           usersPage{Frame: p},
		"admin_user":            userPage{Frame: p},
		"admin_jobs":            jobsPage{Frame: p},
		"admin_browser_reports": browserReportsPage{Frame: p},
		"admin_certificates":    certificatesPage{Frame: p},
		"admin_overview":        overviewPage{Frame: p, Charts: chartsOf(overview.Numbers{})},
		"admin_tiers":           tiersPage{Frame: p},
		"admin_tier":            tierPage{Frame: p},
		"admin_settings":        settingsPage{Frame: p},
		"admin_reports":         reportsPage{Frame: p},
		"admin_report":          reportPage{Frame: p},
		"admin_content":         contentPage{Frame: p},
		"admin_subject":         subjectPage{Frame: p},
		"admin_audit":           auditPage{Frame: p},
		"admin_limits":          limitsPage{Frame: p},
		"admin_ip_rules":        ipRulesPage{Frame: p},
		"admin_limit":           limitPage{Frame: p},
	}
}
