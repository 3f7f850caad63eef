package handlers

import (
	"fmt"
	"strings"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/problem"
)

// sampleTime is when everything on the samples happened.
var sampleTime = time.Date(2026, time.March, 4, 14, 5, 0, 0, time.UTC)

func sampleUser(name string) models.User {
	return models.User{ID: models.UserID("U" + name), Username: models.Username(name), Email: models.Email(name + "@example.org"),
		Role: models.RoleUser, Tier: models.TierFree, Website: "https://example.org/~" + models.WebsiteURL(name),
		Bio: "Carries a camera up hills.\nBrings most of it back down.", Avatar: models.BlobKey("A" + name), CreatedAt: sampleTime}
}

func sampleFile(id string, kind models.FileKind, name string) models.File {
	f := models.File{ID: models.FileID(id), Name: models.Filename(name), Size: 2_345_678, Kind: kind, State: models.Ready, CreatedAt: sampleTime}
	if kind == models.KindImage {
		f.Width, f.Height, f.ThumbSmall, f.ThumbLarge = 4000, 3000, "S", "L"
	}
	return f
}

// sampleFiles holds a file of every kind, and one in each state.
func sampleFiles() []models.File {
	files := []models.File{
		sampleFile("P1", models.KindImage, "ridge at dawn.jpg"), sampleFile("P2", models.KindImage, "hut.jpg"),
		sampleFile("P3", models.KindImage, "<img src=x onerror=alert(1)>.png"),
	}
	for _, kind := range []models.FileKind{models.KindAudio, models.KindVideo, models.KindPDF, models.KindText,
		models.KindDocument, models.KindArchive, models.KindOther} {
		files = append(files, sampleFile("F"+string(kind), kind, "sample & co #1."+string(kind)))
	}
	processing, rejected := sampleFile("W1", models.KindImage, "late.jpg"), sampleFile("W2", models.KindImage, "broken.jpg")
	processing.State, processing.ThumbSmall, processing.ThumbLarge = models.Processing, "", ""
	rejected.State, rejected.ThumbSmall, rejected.Reason = models.Rejected, "", "The picture ends in the middle."
	return append(files, processing, rejected)
}

// sampleNumbers are those of a site with a bad night behind it.
func sampleNumbers() overview.Numbers {
	n := overview.Numbers{At: sampleTime, Totals: models.Totals{Users: 100_000, Suspended: 12, Admins: 3, Posts: 54_321, Comments: 1_000_000, Files: 98_765, Bytes: 3_200_000_000_000},
		Jobs: map[models.JobState]int64{models.JobWaiting: 12, models.JobRunning: 2, models.JobFailing: 1}, Errors: overview.Frequency{LastDay: 17, AllDays: 40}, Limits: overview.Frequency{LastDay: 1200, AllDays: 5000}}
	for i := range int64(overview.Days) {
		day := models.DayCount{Day: sampleTime.Truncate(24*time.Hour).AddDate(0, 0, int(i)-29), N: i * (i + 7) % 50, Bytes: i * i * 1_000_000}
		n.Users, n.Uploads = append(n.Users, day), append(n.Uploads, day)
	}
	for i := range int64(overview.Hours) {
		hour := models.HourCount{Hour: sampleTime.Truncate(time.Hour).Add(time.Duration(i-47) * time.Hour), N: i % 7 * (i / 30)}
		n.Errors.Hours, n.Limits.Hours = append(n.Errors.Hours, hour), append(n.Limits.Hours, hour)
	}
	return n
}

// samplePosts holds n posts, each with other things on it.
func samplePosts(n int) models.Page[models.PostView] {
	page := models.Page[models.PostView]{Next: models.Cursor{At: sampleTime, ID: "ABC"}}
	titles := []string{"Three days on the ridge", "Minutes of the spring meeting", "A recording of the choir, both evenings", "Old maps of the harbour"}
	for i := range n {
		view := models.PostView{
			Post: models.Post{ID: models.PostID(fmt.Sprintf("POST%d", i)), Title: models.Title(titles[i%len(titles)]), Visibility: models.Public,
				Excerpt:      "We set out before the sun did and had the whole ridge for ourselves, until the fog came up from the other side and took the view, the path and, for an hour, our good mood.",
				CommentCount: i % 5, CreatedAt: sampleTime, UpdatedAt: sampleTime.Add(time.Hour)},
			Author: sampleUser([]string{"mira", "jonas_w", "Ada"}[i%3]),
			Tags:   []models.Tag{"mountains", "photos", "huts"},
		}
		switch i % 4 {
		case 0:
			view.Files = sampleFiles()
		case 1:
			view.Files, view.Author.Avatar = sampleFiles()[5:6], ""
		case 2:
			view.Files = sampleFiles()[:1]
		}
		page.Items = append(page.Items, view)
	}
	return page
}

func sampleReport() models.ReportView {
	return models.ReportView{Owner: "jonas_w", Claimer: "mira", Report: models.Report{
		ID: "R1", Object: "post:POST0", OwnerID: "Ujonas_w", Evidence: "Three days\n\n<b>words</b>", Times: 3, CreatedAt: sampleTime, LastAt: sampleTime, ClaimedBy: sampleUser("mira").ID, ClaimedAt: &sampleTime}}
}

// sampleContents holds posts, comments and files in several states.
func sampleContents() []models.SubjectView {
	of := func(kind models.SubjectKind, id string, v models.SubjectView) models.SubjectView {
		v.Subject, v.OwnerID, v.Owner, v.CreatedAt = models.Subject{Kind: kind, ID: id}, "Ujonas_w", "jonas_w", sampleTime
		return v
	}
	return []models.SubjectView{
		of(models.SubjectPost, "POST0", models.SubjectView{Title: "Three <b>days", Words: "We set out before the sun did.", Visibility: models.Public, HiddenAt: &sampleTime}),
		of(models.SubjectPost, "POST1", models.SubjectView{Visibility: models.Private}),
		of(models.SubjectComment, "C1", models.SubjectView{Title: "Three days", Words: "<i>What a light!", PostID: "POST0", Visibility: models.Public, RemovedAt: &sampleTime}),
		of(models.SubjectFile, "F1", models.SubjectView{Title: "hut <b>.jpg", PostID: "POST0", Visibility: models.Public, Size: 2_345_678, MediaType: "image/jpeg", State: models.Ready}),
		of(models.SubjectFile, "F2", models.SubjectView{Title: "tool.exe", PostID: "POST0", Visibility: models.Public, Size: 678, MediaType: "application/octet-stream", State: models.Rejected, HiddenAt: &sampleTime}),
		of(models.SubjectFile, "F3", models.SubjectView{Size: 678, MediaType: "text/plain", State: models.Ready, DeletedAt: &sampleTime}),
	}
}

func unread(p page) page {
	p.User.HasUnread = true
	return p
}

func sampleProblems(fields ...string) (problems Problems) {
	for _, field := range fields {
		problems = append(problems, problem.OnField(field, "There is something wrong with the %s.", field))
	}
	return append(problems, problem.New(problem.Invalid, "The form cannot be taken as it is."))
}

// samples holds each page with everything on it. html/template finds a field
// that does not exist only when it runs; the tests are where it runs.
func samples() map[string]any {
	viewer := sampleUser("mira")
	base := func(title, path string) page {
		return page{Title: title, User: viewer, SignIn: true, Path: path, Query: "ridge", Notice: "It is done.", Signup: true}
	}
	guest := func(title, path string) page { return page{Title: title, Path: path, Signup: true} }
	admin := viewer
	admin.Role = models.RoleAdmin
	suspended, ownQuota := sampleUser("jonas_w"), int64(1000)
	suspended.SuspendedAt, suspended.Quota = &sampleTime, &ownQuota
	asAdmin := func(title, path string) page {
		p := base(title, path)
		p.User = admin
		return p
	}
	list := postListOf(samplePosts(20), "/")
	post := samplePosts(1).Items[0]
	post.Visibility, post.CommentCount = models.Unlisted, 2
	ruleOfUploads, _ := limits.Defaults().Rule(limits.Upload)
	limits := uploadLimits{MaxSize: 100_000_000, MaxFiles: 10}
	account := accountForm{Username: "mira", Email: "mira@example.org"}
	rows := []fileRow{}
	for i, f := range sampleFiles() {
		if row := (fileRow{File: f}); i%2 == 0 {
			row.PostID, row.PostTitle = &post.ID, string(post.Title)
			rows = append(rows, row)
		} else {
			rows = append(rows, row)
		}
	}
	comments := []commentItem{
		{CommentView: models.CommentView{Comment: models.Comment{ID: "C1", CreatedAt: sampleTime}, Author: sampleUser("jonas_w")}, HTML: "<p>What a light! Which lens was that?</p>", CanDelete: true},
		{CommentView: models.CommentView{Comment: models.Comment{ID: "C2", CreatedAt: sampleTime}, Author: viewer}, HTML: "<p>The old 35 mm, <em>as always</em>.</p>"},
	}
	return map[string]any{
		"feed":      feedPage{page: base("Feed", "/"), List: list},
		"tag_show":  tagShowPage{page: base("#mountains", "/tags/mountains"), Tag: "mountains", List: list},
		"user_show": userShowPage{page: base("mira", "/users/mira"), Profile: admin, List: list},
		"search":    searchPage{page: base("Search", "/search"), List: list, Problems: sampleProblems("")},
		"post_show": postShowPage{page: base(string(post.Title), "/posts/POST0"), Post: post, CanEdit: true, Comments: comments, First: "/posts/POST0#comments", More: "/posts/POST0?after=x",
			HTML: "<p>We set out before the sun did and had the whole ridge for ourselves.</p><ul><li>Day one: up</li><li>Day two: along</li></ul>",
			Form: commentForm{Body: "Hello"}, Problems: sampleProblems("body")},
		"post_form": postFormPage{page: base("Edit post", "/posts/POST0/edit"), PostID: "POST0", Files: sampleFiles(), Limits: limits,
			Form:     postForm{Title: "T", Content: "C", Tags: "a b", Visibility: "private", RemoveFiles: []string{"P2"}},
			Problems: sampleProblems("title", "content", "tags", "visibility", "file", "files")},
		"post_deleted": postDeletedPage{page: base("Deleted posts", "/posts/deleted"), Older: "/posts/deleted?before=x",
			Posts: []deletedPost{{Post: models.Post{ID: "POST1", Title: "Old maps", DeletedAt: &sampleTime}, DaysLeft: 3}, {Post: models.Post{ID: "POST2", Title: "Older maps"}}}},
		"file_list": fileListPage{page: base("Files", "/files"), Files: rows, Older: "/files?before=x", Used: 3_200_000_000, Quota: 5_000_000_000,
			Limits: limits, Problems: sampleProblems("file")},
		"register": registerPage{page: guest("Create an account", "/register"), Form: account, Problems: sampleProblems("username", "email", "password")},
		"setup":    setupPage{page: guest("Create the first admin", "/setup"), Form: account, Problems: sampleProblems("username", "email", "password")},
		"login":    loginPage{page: guest("Sign in", "/login"), Provider: "Example SSO", Form: loginForm{Username: "mira", Next: "/files"}, Wait: 30, Problems: sampleProblems("username", "password")},
		"confirm":  confirmPage{page: base("Confirm it's you", "/confirm"), Passkey: true, Provider: "Example SSO", Next: "/admin", Wait: 30, Problems: sampleProblems("password")},
		"admin_invitations": adminInvitationsPage{page: asAdmin("Invitations", "/admin/invitations"), Older: "/admin/invitations?before=x", Link: "https://example.org/invite/X", Now: sampleTime,
			Form: models.InvitationIncoming{Role: "moderator", Tier: "pro", Days: "x", Email: "<b>", Note: "Hello"}, Problems: sampleProblems("role", "tier", "days", "email", "note"),
			Invitations: []models.Invitation{{ID: "I1", Role: models.RoleUser, Tier: models.TierFree, Email: "eve@example.org", Note: "a <b>friend", CreatedAt: sampleTime, ExpiresAt: sampleTime.Add(time.Hour)},
				{ID: "I2", Role: models.RoleModerator, Tier: models.TierPro, CreatedAt: sampleTime, ExpiresAt: sampleTime, UsedAt: &sampleTime, UsedBy: "mira"}, {ID: "I3", CreatedAt: sampleTime, ExpiresAt: sampleTime}}},
		"forgot": forgotPage{page: guest("Forgot your password?", "/forgot"), Mails: true, Account: "<b>", Problems: sampleProblems("account")},
		"verify": verifyPage{guest("Verify your email", "/verify/X"), "mira", "mira@example.org"},
		"settings_profile": settingsProfilePage{page: base("Settings", "/settings/profile"), Unproved: true, Problems: sampleProblems("avatar", "email", "phone", "website", "bio"),
			Form: profileForm{Email: "mira@example.org", Phone: "+15551234567", Website: "https://example.org", Bio: "Hello"}},
		"settings_security": settingsSecurityPage{page: base("Settings", "/settings/security"), Problems: sampleProblems("current_password", "password")},
		"login_factor":      loginFactorPage{page: guest("Two-factor authentication", "/login/second-factor"), Passkey: true, Next: "/files", Wait: 30, Problems: sampleProblems("code")},
		"settings_factor": settingsFactorPage{page: base("Settings", "/settings/second-factor"), Owed: true, Name: "phone", Factor: models.SecondFactor{Begun: true, Passkeys: []models.Passkey{{ID: "K1", Name: "laptop <b>", CreatedAt: sampleTime, LastUsedAt: &sampleTime}, {ID: "K2", Name: "key", CreatedAt: sampleTime}}}, Secret: "K7JQ X2M4 N6P8",
			Codes: []string{"ABCD-EFGH-IJKL-MNOP", "QRST-UVWX-YZ23-4567"}, Problems: sampleProblems("code", "name")},
		"settings_sign_in": settingsSignInPage{page: base("Single sign-on", "/settings/sign-in"), Provider: "Example SSO", NoPassword: true, Mails: true, Problems: sampleProblems("")[:1],
			Links: []linkRow{{models.Link{Issuer: "https://sso.example.org", Subject: "<b>1", CreatedAt: sampleTime, LastUsedAt: &sampleTime}, "Example SSO"}, {models.Link{Issuer: "https://old.example.org", Subject: "2", CreatedAt: sampleTime}, "https://old.example.org"}}},
		"settings_sessions": settingsSessionsPage{page: base("Settings", "/settings/sessions"), Sessions: []sessionRow{
			{Session: models.Session{Hash: "a1", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", CreatedAt: sampleTime, LastSeenAt: sampleTime, ExpiresAt: sampleTime}, Current: true},
			{Session: models.Session{Hash: "b2", UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Safari/604", CreatedAt: sampleTime, LastSeenAt: sampleTime, ExpiresAt: sampleTime}}}},
		"settings_tokens": settingsTokensPage{page: base("Settings", "/settings/tokens"), Secret: "K7JQX2M4N6P8R3T5V7W9Y2A4C6", Form: tokenForm{Name: "backup"},
			Tokens: []tokenRow{{models.APIToken{ID: "T1", Name: "backup script", Scopes: "read write", CreatedAt: sampleTime, LastUsedAt: &sampleTime, ExpiresAt: &sampleTime}, false, true}, {models.APIToken{ID: "T2", Name: "phone", Scopes: "read", CreatedAt: sampleTime}, true, false}},
			Scopes: []choiceRow{{"read", "Read", true}}, Expiries: []choiceRow{{"30", "30 days", true}, {"date", "On the date below", false}}, Problems: sampleProblems("name", "scope", "expires", "until")},
		"settings_data": settingsDataPage{page: base("Your data", "/settings/data"), Used: 3_200_000_000, DeletedAt: sampleTime, Problems: sampleProblems("username")},
		"settings_keep": settingsKeepPage{page: base("Your account is scheduled for deletion", "/settings/keep"), DeletedAt: sampleTime},
		"settings_usage": settingsUsagePage{page: base("Settings", "/settings/usage"), Used: 3_200_000_000, Quota: 5_000_000_000, Limits: limits, MaxSide: 4096, Sections: []usageSection{
			{Name: "uploads", Title: "Uploads", Rules: []usageRule{
				{Says: "Uploads", Bars: []usageBar{{Percent: 12, Text: "12 of 100 in a minute", More: "resets in 34 seconds"}, {Text: "0 of 1000 in an hour"}}},
				{Says: "Bytes uploaded", Bars: []usageBar{{Percent: 100, Text: "20 GiB of 20 GiB in a day", More: "resets in 3 hours"}}}}}}},
		"reset": resetPage{page: guest("Set a new password", "/reset/X"), Username: "mira", Problems: sampleProblems("password")},
		"admin_users": adminUsersPage{page: asAdmin("Users", "/admin/users"), Form: userListForm{"mi", "user", "pro", "storage", true}, More: "/admin/users?after=x", Problems: sampleProblems("q", "role", "tier", "sort"),
			Users: []models.User{suspended, sampleUser("jonas_w")}},
		"admin_user": adminUserPage{page: asAdmin("jonas_w", "/admin/users/jonas_w"), Account: suspended, Quota: 1000, Factor: models.SecondFactor{Since: &sampleTime}, ResetLink: "https://example.org/reset/X",
			GoneAt: sampleTime, Form: adminUserForm{"pro", "admin", "<b>", "spam", "jonas<b>", "spam <b>", true}, Problems: sampleProblems("tier", "role", "quota", "why", "typed", "reason"),
			Events: []models.AuditView{{AuditEvent: models.AuditEvent{Seq: 3, At: sampleTime, Action: "user.suspend", Address: "192.0.2.7", Outcome: models.Done, Detail: "spam"}, Actor: "mira"}}},
		"admin_ip_rules": adminIPRulesPage{page: asAdmin("IP rules", "/admin/ip-rules"), Most: 1000, Own: "2001:db8::7", Problems: sampleProblems("prefix", "action", "note", "for"),
			Form:  iprules.Input{Prefix: "<b>", Action: "allow", Note: "Nobody", For: "720h"},
			Rules: []models.IPRule{{Prefix: "192.0.2.0/24", Action: models.Block, Note: "a <b>scanner", ExpiresAt: &sampleTime, CreatedAt: sampleTime}, {Prefix: "2001:db8::/32", Action: models.Allow, CreatedAt: sampleTime}}},
		"admin_browser_reports": adminBrowserReportsPage{page: asAdmin("Browser reports", "/admin/browser-reports"), Kind: "csp-violation", Kinds: []string{"coep", "csp-violation", "<b>"}, Older: "/admin/browser-reports?before=x",
			Reports: []models.BrowserReport{{ID: "R1", Kind: "csp-violation", Page: "/posts", Rule: "script-src-elem", Blocked: "https://evil.example", Times: 1200, FirstAt: sampleTime, LastAt: sampleTime.Add(time.Hour)},
				{ID: "R2", Kind: "<script>", Page: "/" + strings.Repeat("w", 99), Rule: strings.Repeat("rule", 25), Blocked: "javascript:alert(1)", Times: 1, FirstAt: sampleTime, LastAt: sampleTime}, {ID: "R3", FirstAt: sampleTime, LastAt: sampleTime}}},
		"admin_certificates": adminCertificatesPage{page: asAdmin("Certificates", "/admin/certificates"), Here: true, Certificates: certificateRows([]certificates.State{
			{Name: "files.example.org", Hosts: []string{"files.example.org", "2001:db8::1"}, Issuer: "Example <CA>", Serial: "04ab", NotBefore: sampleTime.AddDate(0, 0, -60), NotAfter: sampleTime.AddDate(0, 0, 30)},
			{Name: "www.example.org", Broken: []string{"There is no certificate for www.example.org yet."}, LastError: "The authority could <b>not</b> be reached.", FailedAt: sampleTime, NextAt: sampleTime.Add(time.Hour)},
			{Name: "old.example.org", Hosts: []string{"old.example.org"}, NotAfter: sampleTime.AddDate(0, 0, -1), Broken: []string{"It expired."}, Notes: []string{"No root that this machine trusts signed it."}, LastError: "Too often.", FailedAt: sampleTime, NextAt: sampleTime.Add(time.Hour), Ordered: true}}, sampleTime)},
		"admin_overview": adminOverviewPage{page: asAdmin("Overview", "/admin"), Numbers: sampleNumbers(), Certificates: "ok", Queue: queueOf(sampleNumbers().Jobs), Charts: chartsOf(sampleNumbers())},
		"admin_tiers":    sampleTiers(asAdmin("Tiers", "/admin/tiers")),
		"admin_tier":     sampleTier(asAdmin("Tier free", "/admin/tiers/free")),
		"admin_settings": sampleSettings(asAdmin("Settings", "/admin/settings")),
		"admin_jobs": adminJobsPage{page: asAdmin("Jobs", "/admin/jobs"), State: models.JobFailing, Older: "/admin/jobs?before=2", Problems: sampleProblems("state"),
			Jobs: []models.QueuedJob{{ID: 3, Kind: "send_mail", State: models.JobFailing, Tries: 2, Error: "no <b>answer", NextAt: sampleTime}, {ID: 2, Kind: "sweep_blobs", State: models.JobGivenUp, NextAt: sampleTime}}},
		"admin_limits": adminLimitsPage{page: asAdmin("Limits", "/admin/limits"), Sections: []limitSection{{Name: "uploads", Title: "Uploads", Rows: []limitRow{
			{Rule: ruleOfUploads, Cells: []limitCell{{"guest", "20-M", "20 a minute", ""}, {"free", "5-S+60-M", "5 a second, 60 a minute", "changed"}, {"pro", "50-M", "50 a minute", "environment"}}}}}}},
		"admin_limit": adminLimitPage{page: asAdmin("Uploads", "/admin/limits/upload"), Rule: ruleOfUploads, Previewed: true, Problems: sampleProblems("guest", "free", "pro", "premium", "admin"),
			Effects: []limitEffect{{"free", "5 a second", "1 a second", "432000 times to 86400 times in a whole day", "tighter"}},
			Fields: []limitField{{limitCell{"guest", "20-M", "20 a minute", ""}, "guest", "20-M", "x"}, {limitCell{"free", "5-S", "5 a second", "changed"}, "free", "1-S", "<b>"}, {limitCell{"pro", "50-M", "50 a minute", "environment"}, "pro", "50-M", "50-M"},
				{limitCell{"premium", "50-M", "50 a minute", ""}, "premium", "50-M", "50-M"}, {limitCell{"admin", "50-M", "50 a minute", ""}, "admin", "50-M", "50-M"}}},
		"admin_audit": adminAuditPage{page: asAdmin("Audit log", "/admin/audit"), Form: auditForm{"mira", "user.suspend", "jonas_w", "refused"}, Older: "/admin/audit?before=2", Problems: sampleProblems("actor", "user"),
			Signed: models.AuditMark{Seq: 2, At: sampleTime},
			Events: []models.AuditView{
				{AuditEvent: models.AuditEvent{Seq: 3, At: sampleTime, ActorID: "Umira", Action: "user.suspend", Object: "user:Ujonas_w", Address: "192.0.2.7", Outcome: models.Done, Detail: "spam <b>"}, Actor: "mira", Subject: "jonas_w"},
				{AuditEvent: models.AuditEvent{Seq: 2, At: sampleTime, ActorID: "Ugone", Action: "post.hide", Object: "post:X", Outcome: models.Refused}}}},
		"report_form": reportFormPage{page: base("Report this comment", "/report/comment/C1"), Back: "/posts/POST0", Form: reportFields{"spam", "<b>"}, Problems: sampleProblems("reason", "words"),
			Seen: models.SubjectView{Subject: models.Subject{Kind: models.SubjectComment, ID: "C1"}, Owner: "jonas_w", Title: "Three days <b>"}},
		"settings_reports": settingsReportsPage{page: base("Your reports", "/settings/reports"), Older: "/settings/reports?before=x",
			Reports: []models.SentReport{{ID: "V1", Object: "post:POST0", Reason: models.ReasonSpam, Words: "<b>buy", CreatedAt: sampleTime, DecidedAt: &sampleTime, Decision: models.DecisionHide, Note: "Thank <b>you"}, {ID: "V2", Object: "user:U1", Reason: models.ReasonAbuse, CreatedAt: sampleTime}}},
		"settings_notices": settingsNoticesPage{page: unread(base("Notifications", "/settings/notices")), Older: "/settings/notices?before=x",
			Notices: []models.Notification{{ID: "N1", Words: "Your post “Old <b>maps” was hidden: spam", CreatedAt: sampleTime}, {ID: "N2", Words: "An older one", CreatedAt: sampleTime, ReadAt: &sampleTime}}},
		"admin_reports": adminReportsPage{page: asAdmin("Reports", "/admin/reports"), More: "/admin/reports?from=x", Reports: []models.ReportView{sampleReport(), {Report: models.Report{ID: "R2", Object: "user:U1", Times: 1, Decision: models.DecisionSuspend, DecidedAt: &sampleTime}, Owner: "ada", Decider: "mira"}}},
		"admin_report": adminReportPage{page: asAdmin("Report about a post", "/admin/reports/R1"), Address: "/posts/POST0", Who: models.AudienceOwner, WhyNot: "It is hidden.", HTML: "<p>words</p>", Problems: sampleProblems("decision", "why", "note"),
			Form: moderation.Verdict{Decision: "hide", Why: "<b>", Note: "<i>"}, Report: moderation.Detail{ReportView: sampleReport(), Claimed: true,
				Now:    models.SubjectView{Subject: models.Subject{Kind: models.SubjectPost, ID: "POST0"}, OwnerID: "Ujonas_w", Owner: "jonas_w", Title: "Three days", HiddenAt: &sampleTime, CreatedAt: sampleTime},
				Voices: []models.ReportVoice{{Reporter: "ada", Reason: models.ReasonSpam, Words: "<b>buy", CreatedAt: sampleTime}, {Reason: models.ReasonOther, CreatedAt: sampleTime}}}},
		"admin_content": adminContentPage{page: asAdmin("Posts", "/admin/posts"), Kind: models.SubjectPost, Form: contentForm{"jonas_w", "hidden", "<b>"}, More: "/admin/posts?before=x", Problems: sampleProblems("user", "state", "q"), Items: sampleContents()},
		"admin_subject": adminSubjectPage{page: asAdmin("A file of jonas_w", "/admin/content/file/F1"), List: "/admin/files", Address: "/posts/POST0", HTML: "<p>words</p>", Who: models.AudienceNobody, WhyNot: "It is in quarantine.", Why: "<b>", Reason: "<i>", Problems: sampleProblems("why", "reason"),
			Seen:   moderation.Sight{SubjectView: sampleContents()[4], SHA256: strings.Repeat("7f", 32), Report: "R1", Files: sampleContents()[3:], Others: []models.BreakGlassView{{Admin: "ada", BreakGlass: models.BreakGlass{ExpiresAt: sampleTime}}}},
			Events: []models.AuditView{{AuditEvent: models.AuditEvent{Seq: 3, At: sampleTime, Action: "file.hide", Address: "192.0.2.7", Outcome: models.Done, Detail: "malware <b>"}, Actor: "mira"}}},
		"problem": problemPage{page: guest("Too many requests", ""), Status: 429, Message: "You tried too often.", RetryIn: 90 * time.Second, RequestID: strings.Repeat("7F", 13), Again: "/posts/POST0",
			Kept: &savedForm{Limits: limits, Problems: sampleProblems("file"), SavedForm: &SavedForm{Action: "/posts/POST0/edit", Multipart: true, Files: true,
				Fields: []SavedField{{Name: "title", Value: "Title"}, {Name: "content", Label: "Text", Value: "\nSecond line"}, {Name: "file_ids", Value: "P1"}}}}},
	}
}

// emptySamples holds each page with as little on it as there can be.
func emptySamples() map[string]any {
	p := page{Title: "Empty"}
	return map[string]any{
		"admin_invitations": adminInvitationsPage{page: p},
		"admin_users":       adminUsersPage{page: p}, "admin_user": adminUserPage{page: p}, "reset": resetPage{page: p},
		"admin_jobs": adminJobsPage{page: p}, "admin_browser_reports": adminBrowserReportsPage{page: p}, "admin_certificates": adminCertificatesPage{page: p}, "admin_overview": adminOverviewPage{page: p, Charts: chartsOf(overview.Numbers{})},
		"admin_tiers": adminTiersPage{page: p}, "admin_tier": adminTierPage{page: p}, "admin_settings": adminSettingsPage{page: p},
		"report_form": reportFormPage{page: p}, "settings_reports": settingsReportsPage{page: p}, "settings_notices": settingsNoticesPage{page: p},
		"admin_reports": adminReportsPage{page: p}, "admin_report": adminReportPage{page: p},
		"admin_content": adminContentPage{page: p}, "admin_subject": adminSubjectPage{page: p},
		"admin_audit": adminAuditPage{page: p}, "admin_limits": adminLimitsPage{page: p}, "admin_ip_rules": adminIPRulesPage{page: p}, "admin_limit": adminLimitPage{page: p},
		"feed": feedPage{page: p}, "tag_show": tagShowPage{page: p}, "user_show": userShowPage{page: p}, "search": searchPage{page: p},
		"post_show": postShowPage{page: p}, "post_form": postFormPage{page: p}, "post_deleted": postDeletedPage{page: p},
		"file_list": fileListPage{page: p}, "register": registerPage{page: p}, "setup": setupPage{page: p}, "login": loginPage{page: p}, "confirm": confirmPage{page: p},
		"forgot": forgotPage{page: p}, "verify": verifyPage{page: p}, "settings_profile": settingsProfilePage{page: p}, "settings_security": settingsSecurityPage{page: p},
		"login_factor": loginFactorPage{page: p}, "settings_factor": settingsFactorPage{page: p, Factor: models.SecondFactor{Since: &sampleTime}},
		"settings_sign_in":  settingsSignInPage{page: p},
		"settings_sessions": settingsSessionsPage{page: p}, "settings_tokens": settingsTokensPage{page: p}, "settings_usage": settingsUsagePage{page: p}, "settings_data": settingsDataPage{page: p}, "settings_keep": settingsKeepPage{page: p}, "problem": problemPage{page: p},
	}
}
