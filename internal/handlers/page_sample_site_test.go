package handlers

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/models"
)

func TestSitePages(t *testing.T) {
	pagetest.Check(t, pagetest.Room{
		Funcs: Funcs, Owns: ownsSite, Full: siteSamples(), Empty: siteEmptySamples(),
		Fields: map[string][]string{
			"reset":             {"password"},
			"forgot":            {"account"},
			"post_form":         {"title", "content", "tags", "file"},
			"post_show":         {"body"},
			"file_list":         {"file"},
			"register":          {"username", "email", "password"},
			"login":             {"username", "password"},
			"confirm":           {"password"},
			"login_factor":      {"code"},
			"settings_factor":   {"code", "name"},
			"settings_profile":  {"avatar", "email", "phone", "website", "bio"},
			"settings_security": {"current_password", "password"},
			"settings_tokens":   {"name", "scope", "expires", "until"},
			"settings_data":     {"username"},
			"setup":             {"username", "email", "password"},
		},
	})
}

func ownsSite(name string) bool { return !strings.HasPrefix(name, "admin_") && name != "problem" }

// siteSamples returns each page with everything on it.
func siteSamples() map[string]any {
	viewer := pagetest.User("mira")
	base := func(title, path string) page {
		return page{Title: title, User: viewer, SignIn: true, Path: path, Query: "ridge", Notice: "It is done.", Signup: true}
	}
	guest := func(title, path string) page { return page{Title: title, Path: path, Signup: true} }
	admin := viewer
	admin.Role = models.RoleAdmin
	list := postListOf(pagetest.Posts(20), "/")
	post := pagetest.Posts(1).Items[0]
	post.Visibility, post.CommentCount = models.Unlisted, 2
	limits := uploadLimits{MaxSize: 100_000_000, MaxFiles: 10}
	account := accountForm{Username: "mira", Email: "mira@example.org"}
	rows := []fileRow{}
	for i, f := range pagetest.Files() {
		if row := (fileRow{File: f}); i%2 == 0 {
			row.PostID, row.PostTitle = &post.ID, string(post.Title)
			rows = append(rows, row)
		} else {
			rows = append(rows, row)
		}
	}
	comments := []commentItem{
		{CommentView: models.CommentView{Comment: models.Comment{ID: "C1", CreatedAt: pagetest.Time}, Author: pagetest.User("jonas_w")}, HTML: "<p>What a light! Which lens was that?</p>", CanDelete: true},
		{CommentView: models.CommentView{Comment: models.Comment{ID: "C2", CreatedAt: pagetest.Time}, Author: viewer}, HTML: "<p>The old 35 mm, <em>as always</em>.</p>"},
	}
	return map[string]any{
		"feed":      feedPage{page: base("Feed", "/"), List: list},
		"tag_show":  tagShowPage{page: base("#mountains", "/tags/mountains"), Tag: "mountains", List: list},
		"user_show": userShowPage{page: base("mira", "/users/mira"), Profile: admin, List: list},
		"search":    searchPage{page: base("Search", "/search"), List: list, Problems: pagetest.Problems("")},
		"post_show": postShowPage{page: base(string(post.Title), "/posts/POST0"), Post: post, CanEdit: true, Comments: comments, First: "/posts/POST0#comments", More: "/posts/POST0?after=x",
			HTML: "<p>We set out before the sun did and had the whole ridge for ourselves.</p><ul><li>Day one: up</li><li>Day two: along</li></ul>",
			Form: commentForm{Body: "Hello"}, Problems: pagetest.Problems("body")},
		"post_form": postFormPage{page: base("Edit post", "/posts/POST0/edit"), PostID: "POST0", Files: pagetest.Files(), Limits: limits,
			Form:     postForm{Title: "T", Content: "C", Tags: "a b", Visibility: "private", RemoveFiles: []string{"P2"}},
			Problems: pagetest.Problems("title", "content", "tags", "visibility", "file", "files")},
		"post_deleted": postDeletedPage{page: base("Deleted posts", "/posts/deleted"), Older: "/posts/deleted?before=x",
			Posts: []deletedPost{{Post: models.Post{ID: "POST1", Title: "Old maps", DeletedAt: &pagetest.Time}, DaysLeft: 3}, {Post: models.Post{ID: "POST2", Title: "Older maps"}}}},
		"file_list": fileListPage{page: base("Files", "/files"), Files: rows, Older: "/files?before=x", Used: 3_200_000_000, Quota: 5_000_000_000,
			Limits: limits, Problems: pagetest.Problems("file")},
		"register": registerPage{page: guest("Create an account", "/register"), Form: account, Problems: pagetest.Problems("username", "email", "password")},
		"setup":    setupPage{page: guest("Create the first admin", "/setup"), Form: account, Problems: pagetest.Problems("username", "email", "password")},
		"login":    loginPage{page: guest("Sign in", "/login"), Provider: "Example SSO", Form: loginForm{Username: "mira", Next: "/files"}, Wait: 30, Problems: pagetest.Problems("username", "password")},
		"confirm":  confirmPage{page: base("Confirm it's you", "/confirm"), Passkey: true, Provider: "Example SSO", Next: "/admin", Wait: 30, Problems: pagetest.Problems("password")},
		"forgot":   forgotPage{page: guest("Forgot your password?", "/forgot"), Mails: true, Account: "<b>", Problems: pagetest.Problems("account")},
		"verify":   verifyPage{guest("Verify your email", "/verify/X"), "mira", "mira@example.org"},
		"settings_profile": settingsProfilePage{page: base("Settings", "/settings/profile"), Unproved: true, Problems: pagetest.Problems("avatar", "email", "phone", "website", "bio"),
			Form: profileForm{Email: "mira@example.org", Phone: "+15551234567", Website: "https://example.org", Bio: "Hello"}},
		"settings_security": settingsSecurityPage{page: base("Settings", "/settings/security"), Problems: pagetest.Problems("current_password", "password")},
		"login_factor":      loginFactorPage{page: guest("Two-factor authentication", "/login/second-factor"), Passkey: true, Next: "/files", Wait: 30, Problems: pagetest.Problems("code")},
		"settings_factor": settingsFactorPage{page: base("Settings", "/settings/second-factor"), Owed: true, Name: "phone", Factor: models.SecondFactor{Begun: true, Passkeys: []models.Passkey{{ID: "K1", Name: "laptop <b>", CreatedAt: pagetest.Time, LastUsedAt: &pagetest.Time}, {ID: "K2", Name: "key", CreatedAt: pagetest.Time}}}, Secret: "K7JQ X2M4 N6P8",
			Codes: []string{"ABCD-EFGH-IJKL-MNOP", "QRST-UVWX-YZ23-4567"}, Problems: pagetest.Problems("code", "name")},
		"settings_sign_in": settingsSignInPage{page: base("Single sign-on", "/settings/sign-in"), Provider: "Example SSO", NoPassword: true, Mails: true, Problems: pagetest.Problems("")[:1],
			Links: []linkRow{{models.Link{Issuer: "https://sso.example.org", Subject: "<b>1", CreatedAt: pagetest.Time, LastUsedAt: &pagetest.Time}, "Example SSO"}, {models.Link{Issuer: "https://old.example.org", Subject: "2", CreatedAt: pagetest.Time}, "https://old.example.org"}}},
		"settings_sessions": settingsSessionsPage{page: base("Settings", "/settings/sessions"), Sessions: []sessionRow{
			{Session: models.Session{Hash: "a1", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", CreatedAt: pagetest.Time, LastSeenAt: pagetest.Time, ExpiresAt: pagetest.Time}, Current: true},
			{Session: models.Session{Hash: "b2", UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Safari/604", CreatedAt: pagetest.Time, LastSeenAt: pagetest.Time, ExpiresAt: pagetest.Time}}}},
		"settings_tokens": settingsTokensPage{page: base("Settings", "/settings/tokens"), Secret: "K7JQX2M4N6P8R3T5V7W9Y2A4C6", Form: tokenForm{Name: "backup"},
			Tokens: []tokenRow{{models.APIToken{ID: "T1", Name: "backup script", Scopes: "read write", CreatedAt: pagetest.Time, LastUsedAt: &pagetest.Time, ExpiresAt: &pagetest.Time}, false, true}, {models.APIToken{ID: "T2", Name: "phone", Scopes: "read", CreatedAt: pagetest.Time}, true, false}},
			Scopes: []choiceRow{{"read", "Read", true}}, Expiries: []choiceRow{{"30", "30 days", true}, {"date", "On the date below", false}}, Problems: pagetest.Problems("name", "scope", "expires", "until")},
		"settings_data": settingsDataPage{page: base("Your data", "/settings/data"), Used: 3_200_000_000, DeletedAt: pagetest.Time, Problems: pagetest.Problems("username")},
		"settings_keep": settingsKeepPage{page: base("Your account is scheduled for deletion", "/settings/keep"), DeletedAt: pagetest.Time},
		"settings_usage": settingsUsagePage{page: base("Settings", "/settings/usage"), Used: 3_200_000_000, Quota: 5_000_000_000, Limits: limits, MaxSide: 4096, Sections: []usageSection{
			{Name: "uploads", Title: "Uploads", Rules: []usageRule{
				{Says: "Uploads", Bars: []usageBar{{Percent: 12, Text: "12 of 100 in a minute", More: "resets in 34 seconds"}, {Text: "0 of 1000 in an hour"}}},
				{Says: "Bytes uploaded", Bars: []usageBar{{Percent: 100, Text: "20 GiB of 20 GiB in a day", More: "resets in 3 hours"}}}}}}},
		"reset": resetPage{page: guest("Set a new password", "/reset/X"), Username: "mira", Problems: pagetest.Problems("password")},
		"report_form": reportFormPage{page: base("Report this comment", "/report/comment/C1"), Back: "/posts/POST0", Form: reportFields{"spam", "<b>"}, Problems: pagetest.Problems("reason", "words"),
			Seen: models.SubjectView{Subject: models.Subject{Kind: models.SubjectComment, ID: "C1"}, Owner: "jonas_w", Title: "Three days <b>"}},
		"settings_reports": settingsReportsPage{page: base("Your reports", "/settings/reports"), Older: "/settings/reports?before=x",
			Reports: []models.SentReport{{ID: "V1", Object: "post:POST0", Reason: models.ReasonSpam, Words: "<b>buy", CreatedAt: pagetest.Time, DecidedAt: &pagetest.Time, Decision: models.DecisionHide, Note: "Thank <b>you"}, {ID: "V2", Object: "user:U1", Reason: models.ReasonAbuse, CreatedAt: pagetest.Time}}},
		"settings_notices": settingsNoticesPage{page: unread(base("Notifications", "/settings/notices")), Older: "/settings/notices?before=x",
			Notices: []models.Notification{{ID: "N1", Words: "Your post “Old <b>maps” was hidden: spam", CreatedAt: pagetest.Time}, {ID: "N2", Words: "An older one", CreatedAt: pagetest.Time, ReadAt: &pagetest.Time}}},
	}
}

// siteEmptySamples returns each page with as little on it as there can be.
func siteEmptySamples() map[string]any {
	p := page{Title: "Empty"}
	return map[string]any{
		"reset":             resetPage{page: p},
		"report_form":       reportFormPage{page: p},
		"settings_reports":  settingsReportsPage{page: p},
		"settings_notices":  settingsNoticesPage{page: p},
		"feed":              feedPage{page: p},
		"tag_show":          tagShowPage{page: p},
		"user_show":         userShowPage{page: p},
		"search":            searchPage{page: p},
		"post_show":         postShowPage{page: p},
		"post_form":         postFormPage{page: p},
		"post_deleted":      postDeletedPage{page: p},
		"file_list":         fileListPage{page: p},
		"register":          registerPage{page: p},
		"setup":             setupPage{page: p},
		"login":             loginPage{page: p},
		"confirm":           confirmPage{page: p},
		"forgot":            forgotPage{page: p},
		"verify":            verifyPage{page: p},
		"settings_profile":  settingsProfilePage{page: p},
		"settings_security": settingsSecurityPage{page: p},
		"login_factor":      loginFactorPage{page: p},
		"settings_factor":   settingsFactorPage{page: p, Factor: models.SecondFactor{Since: &pagetest.Time}},
		"settings_sign_in":  settingsSignInPage{page: p},
		"settings_sessions": settingsSessionsPage{page: p},
		"settings_tokens":   settingsTokensPage{page: p},
		"settings_usage":    settingsUsagePage{page: p},
		"settings_data":     settingsDataPage{page: p},
		"settings_keep":     settingsKeepPage{page: p},
	}
}

func unread(p page) page {
	p.User.HasUnread = true
	return p
}
