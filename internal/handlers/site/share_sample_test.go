package site

import (
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/models"
)

// shareFieldNames returns the fields of a share in a form, and more.
func shareFieldNames(more ...string) []string {
	return append(more, "expires", "password", "downloads", "permission", "note", "sender", "name", "users")
}

// shareSamples returns the pages about shares with everything on them.
func shareSamples(base, guest func(title, path string) page.Frame, limits page.UploadLimits) map[string]any {
	post, file := models.PostID("POST0"), models.FileID("P1")
	open := models.ShareView{Title: "Minutes <b>", Link: "https://files.example.org/s/minutes-K7JQX2M4N6P8R3T5V7W9Y2A4C6", Share: models.Share{
		ID: "S1", PostID: &post, Note: "As <b>agreed\nyesterday", Sender: "Mira at work", Permission: models.ShareComment, Named: true,
		Names: "jonas_w", Password: "x", MaxPickups: 10, PickedUp: 3, CreatedAt: pagetest.Time, ExpiresAt: &pagetest.Time, UsedAt: &pagetest.Time,
	}}
	over := models.ShareView{Title: "old.zip", Share: models.Share{
		ID: "S2", FileID: &file, CreatedAt: pagetest.Time, RevokedAt: &pagetest.Time,
	}}
	items := []shareItem{{open, "open"}, {over, "revoked"}}
	options := shareOptions{
		Form: shareForm{open.Input()}, Longest: 365, Changes: true, HasPassword: true, Problems: pagetest.Problems(shareFieldNames()...),
	}
	chosen := options
	chosen.Problems = pagetest.Problems(shareFieldNames("file")...)
	downloads := []models.DownloadView{
		{Download: models.Download{Item: "P1", Name: "a <b>.txt", Size: 2000, Sent: 100, CreatedAt: pagetest.Time}, Place: "192.0.2.0/24",
			Browser: "Firefox on Linux"},
		{Download: models.Download{Name: "Minutes.zip", Size: 2000, Complete: true, CreatedAt: pagetest.Time}, ShareName: "minutes"},
		{Download: models.Download{Name: "Minutes.zip", Size: 2000, Running: 1, CreatedAt: pagetest.Time}},
	}
	view := pagetest.Posts(1).Items[0]
	return map[string]any{
		"share_new": shareNewPage{Frame: base("Share files", "/share"), shareOptions: chosen, Files: pagetest.Files(), Limits: limits},
		"share_show": shareShowPage{Frame: base("Minutes", "/shares/S1"), Share: open, State: "open", Target: "/posts/POST0", shareOptions: options, Held: pagetest.Files()[:1],
			Downloads: downloads},
		"share_list": shareListPage{Frame: base("Links", "/shares"), Shares: items, Older: "/shares?before=x"},
		"share_visit": shareVisitPage{Frame: base("Minutes", open.Link), Link: "/s/K7JQX2M4N6P8R3T5V7W9Y2A4C6", Share: open.Share, From: "Mira at work",
			Post: view, HTML: "<p>The minutes.</p>", Files: pagetest.Files(), Form: commentForm{Body: "Hello"}, Problems: pagetest.Problems("body"),
			Comments: []commentItem{{CommentView: models.CommentView{Comment: models.Comment{ID: "C1", CreatedAt: pagetest.Time},
				Author: pagetest.User("jonas_w")}, HTML: "<p>Thanks!</p>"}}},
		"share_locked": shareLockedPage{Frame: guest("This link needs a password", "/s/X"), Link: "/s/X", Problems: pagetest.Problems("password")},
		"access": accessPage{Frame: base("Minutes", "/posts/POST0/access"), Path: "/posts/POST0", Public: models.Unlisted, Post: post,
			Shares: items, Downloads: downloads, LogDays: 90,
			Fills: []requestItem{{models.FileRequestView{PostOpen: true, FileRequest: models.FileRequest{ID: "R1", Title: "Photos",
				MaxFiles: 10, CreatedAt: pagetest.Time}}, "open"}}},
	}
}
