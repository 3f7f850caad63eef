package pagetest

import (
	"fmt"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/problem"
)

// Time is the time of everything in the samples.
var Time = time.Date(2026, time.March, 4, 14, 5, 0, 0, time.UTC)

// User returns a user with a complete profile.
func User(name string) models.User {
	return models.User{ID: models.UserID("U" + name), Username: models.Username(name), Email: models.Email(name + "@example.org"),
		Role: models.RoleUser, Tier: models.TierFree, Website: "https://example.org/~" + models.WebsiteURL(name),
		Bio: "Carries a camera up hills.\nBrings most of it back down.", Avatar: models.BlobKey("A" + name), CreatedAt: Time}
}

// File returns a file that is ready.
func File(id string, kind models.FileKind, name string) models.File {
	f := models.File{ID: models.FileID(id), Name: models.Filename(name), Size: 2_345_678, Kind: kind, State: models.Ready, CreatedAt: Time,
		Blob: "B", CRC32: "cbf43926"}
	if kind == models.KindImage {
		f.Clean, f.CleanSize, f.CleanCRC32 = "C", 2_340_000, "cbf43926"
		f.Width, f.Height, f.ThumbSmall, f.ThumbLarge = 4000, 3000, "S", "L"
	}
	return f
}

// Files returns a file of every kind, and one in each state.
func Files() []models.File {
	files := []models.File{
		File("P1", models.KindImage, "ridge at dawn.jpg"), File("P2", models.KindImage, "hut.jpg"),
		File("P3", models.KindImage, "<img src=x onerror=alert(1)>.png"),
	}
	for _, kind := range []models.FileKind{models.KindAudio, models.KindVideo, models.KindPDF, models.KindText,
		models.KindDocument, models.KindArchive, models.KindOther} {
		files = append(files, File("F"+string(kind), kind, "sample & co #1."+string(kind)))
	}
	processing, rejected := File("W1", models.KindImage, "late.jpg"), File("W2", models.KindImage, "broken.jpg")
	processing.State, processing.ThumbSmall, processing.ThumbLarge = models.Processing, "", ""
	rejected.State, rejected.ThumbSmall, rejected.Reason = models.Rejected, "", "The picture ends in the middle."
	kept := File("W3", models.KindVideo, "drone.avi")
	kept.Metadata = models.MetadataKept
	return append(files, processing, rejected, kept)
}

// Numbers returns the figures of a large site that had errors.
func Numbers() overview.Numbers {
	n := overview.Numbers{
		At: Time, TotalsAt: Time.Add(-40 * time.Minute),
		Totals: models.Totals{
			Users: 100_000, Suspended: 12, Admins: 3, Posts: 54_321, Comments: 1_000_000, Files: 98_765, Bytes: 3_200_000_000_000,
		},
		Jobs:   map[models.JobState]int64{models.JobWaiting: 12, models.JobRunning: 2, models.JobFailing: 1},
		Errors: overview.Frequency{LastDay: 17, AllDays: 40}, Limits: overview.Frequency{LastDay: 1200, AllDays: 5000},
	}
	for i := range int64(overview.Days) {
		day := models.DayCount{Day: Time.Truncate(24*time.Hour).AddDate(0, 0, int(i)-29), N: i * (i + 7) % 50, Bytes: i * i * 1_000_000}
		n.Users, n.Uploads = append(n.Users, day), append(n.Uploads, day)
	}
	for i := range int64(overview.Hours) {
		hour := models.HourCount{Hour: Time.Truncate(time.Hour).Add(time.Duration(i-47) * time.Hour), N: i % 7 * (i / 30)}
		n.Errors.Hours, n.Limits.Hours = append(n.Errors.Hours, hour), append(n.Limits.Hours, hour)
	}
	return n
}

// Posts returns n posts with different contents.
func Posts(n int) models.Page[models.PostView] {
	page := models.Page[models.PostView]{Next: models.Cursor{At: Time, ID: "ABC"}}
	titles := []string{
		"Three days on the ridge", "Minutes of the spring meeting", "A recording of the choir, both evenings", "Old maps of the harbour",
	}
	for i := range n {
		view := models.PostView{
			Post: models.Post{ID: models.PostID(fmt.Sprintf("POST%d", i)), Title: models.Title(titles[i%len(titles)]), Visibility: models.Public,
				Excerpt: "We set out before the sun did and had the whole ridge for ourselves, until the fog came up from " +
					"the other side and took the view, the path and, for an hour, our good mood.",
				CommentCount: i % 5, CreatedAt: Time, UpdatedAt: Time.Add(time.Hour)},
			Author: User([]string{"mira", "jonas_w", "Ada"}[i%3]),
			Tags:   []models.Tag{"mountains", "photos", "huts"},
		}
		switch i % 4 {
		case 0:
			view.Files = Files()
		case 1:
			view.Files, view.Author.Avatar = Files()[5:6], ""
		case 2:
			view.Files = Files()[:1]
		}
		page.Items = append(page.Items, view)
	}
	return page
}

// Report returns an open report that User("mira") has claimed.
func Report() models.ReportView {
	return models.ReportView{Owner: "jonas_w", Claimer: "mira", Report: models.Report{
		ID: "R1", Object: "post:POST0", OwnerID: "Ujonas_w", Evidence: "Three days\n\n<b>words</b>", Times: 3,
		CreatedAt: Time, LastAt: Time, ClaimedBy: User("mira").ID, ClaimedAt: &Time,
	}}
}

// Contents returns posts, comments and files in several states.
func Contents() []models.SubjectView {
	of := func(kind models.SubjectKind, id string, v models.SubjectView) models.SubjectView {
		v.Subject, v.OwnerID, v.Owner, v.CreatedAt = models.Subject{Kind: kind, ID: id}, "Ujonas_w", "jonas_w", Time
		return v
	}
	return []models.SubjectView{
		of(models.SubjectPost, "POST0", models.SubjectView{
			Title: "Three <b>days", Words: "We set out before the sun did.", Visibility: models.Public, HiddenAt: &Time,
		}),
		of(models.SubjectPost, "POST1", models.SubjectView{Visibility: models.Private}),
		of(models.SubjectComment, "C1", models.SubjectView{
			Title: "Three days", Words: "<i>What a light!", PostID: "POST0", Visibility: models.Public, RemovedAt: &Time,
		}),
		of(models.SubjectFile, "F1", models.SubjectView{
			Title: "hut <b>.jpg", PostID: "POST0", Visibility: models.Public, Size: 2_345_678, MediaType: "image/jpeg",
			FileKind: models.KindImage, State: models.Ready,
		}),
		of(models.SubjectFile, "F2", models.SubjectView{
			Title: "tool.exe", PostID: "POST0", Visibility: models.Public, Size: 678, MediaType: "application/octet-stream",
			State: models.Rejected, HiddenAt: &Time,
		}),
		of(models.SubjectFile, "F3", models.SubjectView{Size: 678, MediaType: "text/plain", State: models.Ready, DeletedAt: &Time}),
	}
}

// Problems returns a problem at each of the fields, and one for the whole form.
func Problems(fields ...string) (problems []*problem.Error) {
	for _, field := range fields {
		problems = append(problems, problem.OnField(field, "There is something wrong with the %s.", field))
	}
	return append(problems, problem.New(problem.Invalid, "The form cannot be taken as it is."))
}
