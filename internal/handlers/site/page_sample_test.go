package site

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/shares"
)

func TestSitePages(t *testing.T) {
	pagetest.Check(t, pagetest.Room{
		Funcs: page.Funcs, Owns: ownsSite, Full: siteSamples(), Empty: siteEmptySamples(),
		Other: map[string]any{"file_preview": framedSample()},
		Fields: map[string][]string{
			"reset":             {"password"},
			"forgot":            {"account"},
			"post_form":         {"title", "content", "tags", "file"},
			"post_show":         {"body"},
			"share_new":         shareFieldNames("file"),
			"share_show":        shareFieldNames(),
			"share_visit":       {"body"},
			"share_locked":      {"password"},
			"request_new":       requestFieldNames(),
			"request_show":      requestFieldNames(),
			"request_visit":     {"name", "email", "file"},
			"file_list":         {"file"},
			"file_edit":         {"name", "file"},
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

func ownsSite(name string) bool {
	return !strings.HasPrefix(name, "admin_") && name != "problem" && name != "kept"
}

// siteSamples returns each page with everything on it.
func siteSamples() map[string]any {
	viewer := pagetest.User("mira")
	base := func(title, path string) page.Frame {
		return page.Frame{
			Title: title, User: viewer, Path: path, Query: "ridge", Notice: "It is done.", Signup: true,
			Site: page.SiteInfo{Name: "Files & Co", Welcome: "For members.", Contact: "help@example.org", Imprint: "https://example.org/imprint",
				Privacy: "https://example.org/privacy", Terms: "https://example.org/terms"},
			Card:          page.Preview{Title: "Harbour", Description: "Some words", Image: "https://example.org/files/A/thumbnail/1280"},
			HasIdentities: func() bool { return true },
		}
	}
	guest := func(title, path string) page.Frame { return page.Frame{Title: title, Path: path, Signup: true} }
	admin := viewer
	admin.Role = models.RoleAdmin
	list := postListOf(pagetest.Posts(20), "/")
	post := pagetest.Posts(1).Items[0]
	post.Visibility, post.CommentCount = models.Unlisted, 2
	limits := page.UploadLimits{MaxSize: 100_000_000, MaxFiles: 10}
	account := accountForm{Username: "mira", Email: "mira@example.org"}
	var lines []fileLine
	service := sampleShares()
	for i, f := range pagetest.Files() {
		row := []any{f.ID, f.Name, "key", f.Kind, f.Size, f.CreatedAt, f.State, f.Metadata, f.Reason, f.ThumbSmall != "", f.HiddenAt != nil,
			f.Animated, f.CleanType, f.ShownSize(), "", "", "",
			2, "S " + hex.EncodeToString(service.Key.Seal("S", []byte("SECRET"))) + " map", 0, ""}
		for _, flag := range []int{9, 10, 11} {
			row[flag] = map[any]int{false: 0, true: 1}[row[flag]]
		}
		if i%2 == 0 {
			row[14], row[15], row[16] = post.ID, post.Title, models.Unlisted
		}
		line, err := json.Marshal(row)
		if err != nil {
			panic(err)
		}
		lines = append(lines, fileLine{models.FileLine(line), service})
	}
	comments := []commentItem{
		{CommentView: models.CommentView{Comment: models.Comment{ID: "C1", CreatedAt: pagetest.Time}, Author: pagetest.User("jonas_w")},
			HTML: "<p>What a light! Which lens was that?</p>", CanDelete: true},
		{CommentView: models.CommentView{Comment: models.Comment{ID: "C2", CreatedAt: pagetest.Time}, Author: viewer},
			HTML: "<p>The old 35 mm, <em>as always</em>.</p>"},
	}
	samples := shareSamples(base, guest, limits)
	maps.Copy(samples, requestSamples(base, guest))
	maps.Copy(samples, map[string]any{
		"feed":      feedPage{Frame: base("Feed", "/"), List: list, Limits: limits},
		"tag_show":  tagShowPage{Frame: base("#mountains", "/tags/mountains"), Tag: "mountains", List: list},
		"user_show": userShowPage{Frame: base("mira", "/users/mira"), Profile: admin, List: list},
		"search":    searchPage{Frame: base("Search", "/search"), List: list, Problems: pagetest.Problems("")},
		"post_show": postShowPage{Frame: base(string(post.Title), "/posts/POST0"), Post: post, CanEdit: true, Comments: comments,
			Badge: badge{"Everyone with the link", "/posts/POST0/access", "/posts/POST0"},
			First: "/posts/POST0#comments", More: "/posts/POST0?after=x",
			HTML: "<p>We set out before the sun did and had the whole ridge for ourselves.</p><ul><li>Day one: up</li><li>Day two: along</li></ul>",
			Form: commentForm{Body: "Hello"}, Problems: pagetest.Problems("body")},
		"post_form": postFormPage{Frame: base("Edit post", "/posts/POST0/edit"), Ask: true, PostID: "POST0", Files: pagetest.Files(), Limits: limits,
			Form:     postForm{Title: "T", Content: "C", Tags: "a b", Visibility: "private", RemoveFiles: []string{"P2"}},
			Problems: pagetest.Problems("title", "content", "tags", "visibility", "file", "files")},
		"post_deleted": postDeletedPage{Frame: base("Deleted posts", "/posts/deleted"), Older: "/posts/deleted?before=x",
			Posts: []deletedPost{{Post: models.Post{ID: "POST1", Title: "Old maps", DeletedAt: &pagetest.Time}, DaysLeft: 3},
				{Post: models.Post{ID: "POST2", Title: "Older maps"}}}},
		"file_list": fileListPage{Frame: base("Files", "/files"), Lines: lines, Next: "/files?after=x", Used: 3_200_000_000,
			Text: "map", Sort: models.FilesByName, Reverse: true, Sorts: []fileSort{{"Name", "/files?sort=name", "Z to A"}, {"Date", "/files", ""}},
			Quota: 5_000_000_000, Limits: limits, Problems: pagetest.Problems("file")},
		"file_edit": fileEditPage{Frame: base("Rename or replace", "/files/P0/edit"), File: pagetest.Files()[0], Name: "map.pdf",
			Limits: limits, Problems: pagetest.Problems("name", "file")},
		"file_delete":  fileDeletePage{Frame: base("Delete files", "/files/delete"), Files: pagetest.Files()},
		"file_preview": previewSample(base),
		"register": registerPage{Frame: guest("Create an account", "/register"), Form: account,
			Problems: pagetest.Problems("username", "email", "password")},
		"setup": setupPage{Frame: guest("Create the first admin", "/setup"), Form: account,
			Problems: pagetest.Problems("username", "email", "password")},
		"login": loginPage{Frame: guest("Sign in", "/login"), Provider: "Example SSO", Form: loginForm{Username: "mira", Next: "/files"},
			Wait: 30, Problems: pagetest.Problems("username", "password")},
		"confirm": confirmPage{Frame: base("Confirm it's you", "/confirm"), Passkey: true, Provider: "Example SSO", Next: "/admin", Wait: 30,
			Problems: pagetest.Problems("password")},
		"file_types": fileTypesPage{Frame: guest("File types", "/file-types"),
			Groups: []filetypes.Group{{Title: "Images", Extensions: []string{".jpg", ".png"}}, {Title: "PDF", Extensions: []string{".pdf"}}}},
		"forgot": forgotPage{Frame: guest("Forgot your password?", "/forgot"), Mails: true, Account: "<b>",
			Problems: pagetest.Problems("account")},
		"verify": verifyPage{guest("Verify your email", "/verify/X"), "mira", "mira@example.org"},
		"settings_profile": settingsProfilePage{Frame: base("Settings", "/settings/profile"), Unverified: true,
			Problems: pagetest.Problems("avatar", "email", "phone", "website", "bio"),
			Form:     profileForm{Email: "mira@example.org", Phone: "+15551234567", Website: "https://example.org", Bio: "Hello"}},
		"settings_security": settingsSecurityPage{Frame: base("Settings", "/settings/security"),
			Problems: pagetest.Problems("current_password", "password")},
		"login_factor": loginFactorPage{Frame: guest("Two-factor authentication", "/login/second-factor"), Passkey: true, Next: "/files",
			Wait: 30, Problems: pagetest.Problems("code")},
		"settings_factor": settingsFactorPage{Frame: base("Settings", "/settings/second-factor"), Owed: true, Name: "phone",
			Factor: models.SecondFactor{Begun: true, Passkeys: []models.Passkey{{ID: "K1", Name: "laptop <b>", CreatedAt: pagetest.Time,
				LastUsedAt: &pagetest.Time}, {ID: "K2", Name: "key", CreatedAt: pagetest.Time}}}, Secret: "K7JQ X2M4 N6P8",
			Codes: []string{"ABCD-EFGH-IJKL-MNOP", "QRST-UVWX-YZ23-4567"}, Problems: pagetest.Problems("code", "name")},
		"settings_sign_in": settingsSignInPage{Frame: base("Single sign-on", "/settings/sign-in"), Provider: "Example SSO", NoPassword: true,
			Mails: true, Problems: pagetest.Problems("")[:1],
			Links: []linkRow{{models.LinkedIdentity{Issuer: "https://sso.example.org", Subject: "<b>1", CreatedAt: pagetest.Time,
				LastUsedAt: &pagetest.Time}, "Example SSO"}, {models.LinkedIdentity{Issuer: "https://old.example.org", Subject: "2",
				CreatedAt: pagetest.Time}, "https://old.example.org"}}},
		"settings_sessions": settingsSessionsPage{Frame: base("Settings", "/settings/sessions"), Sessions: []sessionRow{
			{Session: models.Session{Hash: "a1", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
				CreatedAt: pagetest.Time, LastSeenAt: pagetest.Time, ExpiresAt: pagetest.Time}, Current: true},
			{Session: models.Session{Hash: "b2", UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Safari/604",
				CreatedAt: pagetest.Time, LastSeenAt: pagetest.Time, ExpiresAt: pagetest.Time}}}},
		"settings_tokens": settingsTokensPage{Frame: base("Settings", "/settings/tokens"), Secret: "K7JQX2M4N6P8R3T5V7W9Y2A4C6",
			Lines: programLines{Fresh: true, Curl: "curl -T photo.jpg", Function: "up() { curl; }", ShareX: `{"Name":"x"}`},
			Form:  tokenForm{Name: "backup"},
			Tokens: []tokenRow{{models.APIToken{ID: "T1", Name: "backup script", Scopes: "read write", CreatedAt: pagetest.Time,
				LastUsedAt: &pagetest.Time, ExpiresAt: &pagetest.Time}, false, true},
				{models.APIToken{ID: "T2", Name: "phone", Scopes: "read", CreatedAt: pagetest.Time}, true, false}},
			Access: []accessChoice{{Value: "read", Name: "Read everything", Words: "For backups."},
				{Value: accessChosen, Name: "Choose permissions", Words: "One by one.", Chosen: true}},
			Scopes:   []page.Choice{{Value: "read", Words: "Read", Chosen: true}},
			Expiries: []page.Choice{{Value: "30", Words: "30 days", Chosen: true}, {Value: "date", Words: "On the date below", Chosen: false}},
			Problems: pagetest.Problems("name", "scope", "expires", "until")},
		"settings_data": settingsDataPage{Frame: base("Your data", "/settings/data"), Used: 3_200_000_000, DeletedAt: pagetest.Time,
			Problems: pagetest.Problems("username")},
		"settings_keep": settingsKeepPage{Frame: base("Your account is scheduled for deletion", "/settings/keep"), DeletedAt: pagetest.Time},
		"settings_usage": settingsUsagePage{Frame: base("Settings", "/settings/usage"), Used: 3_200_000_000, Quota: 5_000_000_000, Limits: limits,
			MaxSide: 4096, Sections: []usageSection{
				{Name: "uploads", Title: "Uploads", Rules: []usageRule{
					{Says: "Uploads", Bars: []usageBar{{Percent: 12, Text: "12 of 100 in a minute", More: "resets in 34 seconds"},
						{Text: "0 of 1000 in an hour"}}},
					{Says: "Bytes uploaded", Bars: []usageBar{{Percent: 100, Text: "20 GiB of 20 GiB in a day", More: "resets in 3 hours"}}}}}}},
		"reset": resetPage{Frame: guest("Set a new password", "/reset/X"), Username: "mira", Problems: pagetest.Problems("password")},
		"report_form": reportFormPage{Frame: base("Report this comment", "/report/comment/C1"), Back: "/posts/POST0",
			Form: reportFields{"spam", "<b>"}, Problems: pagetest.Problems("reason", "words"),
			Seen: models.SubjectView{Subject: models.Subject{Kind: models.SubjectComment, ID: "C1"}, Owner: "jonas_w", Title: "Three days <b>"}},
		"settings_reports": settingsReportsPage{Frame: base("Your reports", "/settings/reports"), Older: "/settings/reports?before=x",
			Reports: []models.SentReport{{ID: "V1", Object: "post:POST0", Reason: models.ReasonSpam, Words: "<b>buy", CreatedAt: pagetest.Time,
				DecidedAt: &pagetest.Time, Decision: models.DecisionHide, Note: "Thank <b>you"},
				{ID: "V2", Object: "user:U1", Reason: models.ReasonAbuse, CreatedAt: pagetest.Time}}},
		"notification_list": notificationListPage{Frame: unread(base("Notifications", "/notifications")), Older: "/notifications?before=x",
			Notifications: []models.NotificationView{
				{Notification: models.Notification{ID: "N1", Words: "Your post “Old <b>maps” was hidden: spam", Times: 1, CreatedAt: pagetest.Time}},
				{Notification: models.Notification{ID: "N2", Kind: models.NotificationComment, Object: "comment:C2", Words: "Old <b>maps", Times: 12,
					CreatedAt: pagetest.Time}, Actor: "jonas_w"},
				{Notification: models.Notification{ID: "N3", Words: "An older one", Times: 1, CreatedAt: pagetest.Time, ReadAt: &pagetest.Time}}}},
		"settings_notifications": settingsNotificationsPage{Frame: base("Notifications", "/settings/notifications"), SendsMail: true,
			Rows:     []deliveryRow{{"comment", "Someone comments", []page.Choice{{Value: "site", Words: "Only on the site", Chosen: true}}}},
			Problems: pagetest.Problems("comment")},
		"unsubscribe": unsubscribePage{Frame: guest("Stop these emails", "/unsubscribe/X")},
	})
	return samples
}

// siteEmptySamples returns each page with as little on it as there can be.
func siteEmptySamples() map[string]any {
	p := page.Frame{Title: "Empty"}
	samples := requestEmptySamples(p)
	maps.Copy(samples, map[string]any{
		"reset":                  resetPage{Frame: p},
		"report_form":            reportFormPage{Frame: p},
		"settings_reports":       settingsReportsPage{Frame: p},
		"settings_notifications": settingsNotificationsPage{Frame: p},
		"notification_list":      notificationListPage{Frame: p},
		"unsubscribe":            unsubscribePage{Frame: p, Done: true},
		"feed":                   feedPage{Frame: p},
		"tag_show":               tagShowPage{Frame: p},
		"user_show":              userShowPage{Frame: p},
		"search":                 searchPage{Frame: p},
		"post_show":              postShowPage{Frame: p},
		"post_form":              postFormPage{Frame: p, Ask: true, Asked: true},
		"post_deleted":           postDeletedPage{Frame: p},
		"file_list":              fileListPage{Frame: p},
		"file_edit":              fileEditPage{Frame: p},
		"file_delete":            fileDeletePage{Frame: p},
		"register":               registerPage{Frame: p},
		"setup":                  setupPage{Frame: p},
		"login":                  loginPage{Frame: p},
		"confirm":                confirmPage{Frame: p},
		"forgot":                 forgotPage{Frame: p},
		"file_types":             fileTypesPage{Frame: p, AnyType: true},
		"verify":                 verifyPage{Frame: p},
		"settings_profile":       settingsProfilePage{Frame: p},
		"settings_security":      settingsSecurityPage{Frame: p},
		"login_factor":           loginFactorPage{Frame: p},
		"settings_factor":        settingsFactorPage{Frame: p, Factor: models.SecondFactor{Since: &pagetest.Time}},
		"settings_sign_in":       settingsSignInPage{Frame: p},
		"settings_sessions":      settingsSessionsPage{Frame: p},
		"settings_tokens":        settingsTokensPage{Frame: p},
		"settings_usage":         settingsUsagePage{Frame: p},
		"settings_data":          settingsDataPage{Frame: p},
		"settings_keep":          settingsKeepPage{Frame: p},
		"share_new":              shareNewPage{Frame: p},
		"share_show":             shareShowPage{Frame: p},
		"share_list":             shareListPage{Frame: p},
		"share_visit":            shareVisitPage{Frame: p},
		"share_locked":           shareLockedPage{Frame: p},
		"file_preview":           filePreviewPage{Frame: p},
		"access":                 accessPage{Frame: p},
	})
	return samples
}

func unread(p page.Frame) page.Frame {
	p.User.Unread = 100
	return p
}

// sampleShares returns the service that makes the links of samples.
func sampleShares() *shares.Service {
	key, err := seal.NewKey(models.Secret(strings.Repeat("k", 43)), "samples")
	if err != nil {
		panic(err)
	}
	return &shares.Service{Key: key, Policy: models.NewLive(shares.Policy{PublicURL: "https://files.example.org"})}
}
