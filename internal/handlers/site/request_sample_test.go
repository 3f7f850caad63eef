package site

import (
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/models"
)

// requestFieldNames are the fields of a file request in a form.
func requestFieldNames() []string {
	return []string{"title", "message", "expires", "files", "each", "total", "kinds", "sender", "password", "name"}
}

// requestSamples returns the pages about file requests with everything on them.
func requestSamples(base, guest func(title, path string) page.Frame) map[string]any {
	file := models.FileID("P1")
	open := models.FileRequestView{
		PostTitle: "Photos <b>", PostOpen: true, Link: "https://files.example.org/r/photos-K7JQX2M4N6P8R3T5V7W9Y2A4C6",
		FileRequest: models.FileRequest{
			ID: "R1", PostID: "POST0", Title: "Photos <b>", Message: "All of <b>them\nplease", Name: "photos", Sender: models.SenderEmail,
			Kinds: "image video", OneUse: true, MaxFiles: 1000, MaxBytes: 1 << 30, MaxFileBytes: 20_000_000, Password: "x", Files: 3,
			Bytes:     4_000_000,
			CreatedAt: pagetest.Time, ExpiresAt: &pagetest.Time, UsedAt: &pagetest.Time,
		},
	}
	over := models.FileRequestView{PostOpen: true, FileRequest: models.FileRequest{
		ID: "R2", Title: "Minutes", MaxFiles: 1, CreatedAt: pagetest.Time, RevokedAt: &pagetest.Time,
	}}
	left := []models.ReceivedFile{
		{ID: "F1", SenderName: "Jo <b>", SenderEmail: "jo@example.org", Place: "192.0.2.0/24", FileID: &file, Name: "a <b>.jpg", Size: 2_000_000,
			SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", CreatedAt: pagetest.Time, ReceivedAt: &pagetest.Time},
		{ID: "F2", Place: "2001:db8::/48", Name: "b.jpg", Size: 2000, CreatedAt: pagetest.Time, ReceivedAt: &pagetest.Time},
	}
	options := requestOptions{
		Form: requestForm{open.Input()}, Problems: pagetest.Problems(requestFieldNames()...), Changes: true, HasPassword: true, longest: 365,
	}
	return map[string]any{
		"request_new": requestNewPage{Frame: base("Request files", "/requests/new"), requestOptions: options},
		"request_list": requestListPage{Frame: base("File requests", "/requests"), Older: "/requests?before=x",
			Requests: []requestItem{{open, "open"}, {over, "closed"}}},
		"request_show": requestShowPage{Frame: base("Photos", "/requests/R1"), Request: open, State: "open", requestOptions: options,
			Received: left, Older: "/requests/R1?before=x"},
		"request_visit": requestVisitPage{Frame: guest("Photos", "/r/X"), Link: "/r/X", Request: open.FileRequest, From: "mara", Open: true, Owned: true,
			Left: left, MaxSize: 1 << 30, Upload: "https://files.example.org/r/X/", Form: guestForm{"Jo <b>", "jo@example.org"},
			Problems: pagetest.Problems("name", "email", "file")},
		"request_receipt": requestReceiptPage{Frame: guest("Your receipt", "/r/X/receipt"), Link: "/r/X", RequestTitle: "Photos <b>", From: "mara",
			Open: true, Left: left},
	}
}

// requestEmptySamples returns the same pages with nothing on them.
func requestEmptySamples(p page.Frame) map[string]any {
	return map[string]any{
		"request_new": requestNewPage{Frame: p}, "request_list": requestListPage{Frame: p}, "request_show": requestShowPage{Frame: p},
		"request_visit": requestVisitPage{Frame: p}, "request_receipt": requestReceiptPage{Frame: p},
	}
}
